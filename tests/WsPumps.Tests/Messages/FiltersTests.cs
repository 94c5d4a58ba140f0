using WsPumps.Tests.Peers;

namespace WsPumps.Tests.Messages;

public sealed class FiltersTests
{
    [Fact]
    public async Task AddFilter_Several_TheFirstIsOutermostAndAllHandlersAreInside()
    {
        await using var host = await PumpsHost.StartAsync(endpoint => endpoint
            .AddFilter(Around("a"))
            .AddFilter(Around("b"))
            .OnMessage((client, _, _) => client.Write("1"))
            .OnMessage((client, _, cancellationToken) => client.WriteAsync("2", cancellationToken)));
        var peer = await host.ConnectAsync();

        await peer.SendTextAsync("x");

        foreach (var expected in (string[])["a in", "b in", "1", "2", "b out", "a out"])
            (await peer.ReceiveTextAsync()).Should().Be(expected);
    }

    [Fact]
    public async Task AddFilter_DoesNotGoOn_MessageIsLeftOut()
    {
        await using var host = await PumpsHost.StartAsync(endpoint =>
        {
            endpoint.AddFilter((client, message, next, cancellationToken) => message.Payload.Length > 1 ? default : next(client, message, cancellationToken));
            Echo.Endpoint(endpoint);
        });
        var peer = await host.ConnectAsync();

        await peer.SendTextAsync("long");
        await peer.SendTextAsync("x");

        (await peer.ReceiveTextAsync()).Should().Be("x");
    }

    [Fact]
    public async Task AddFilter_ChangesTheMessage_HandlersGetTheOther()
    {
        await using var host = await PumpsHost.StartAsync(endpoint =>
        {
            endpoint.AddFilter((client, message, next, cancellationToken) => next(client, Message.Text("other"u8.ToArray()), cancellationToken));
            Echo.Endpoint(endpoint);
        });
        var peer = await host.ConnectAsync();

        await peer.SendTextAsync("x");

        (await peer.ReceiveTextAsync()).Should().Be("other");
    }

    private static MessageFilter Around(string name) => async (client, message, next, cancellationToken) =>
    {
        await client.WriteAsync($"{name} in", cancellationToken);
        await next(client, message, cancellationToken);
        await client.WriteAsync($"{name} out", cancellationToken);
    };
}
