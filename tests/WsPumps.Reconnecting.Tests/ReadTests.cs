using WsPumps.Reconnecting.Tests.Network;

namespace WsPumps.Reconnecting.Tests;

/// <summary>What is received.</summary>
public sealed class ReadTests
{
    private readonly FakeNetwork _network = new();

    [Fact]
    public async Task ReadAll_SeveralConnections_GivesAllMessagesInOrder()
    {
        var (client, first) = await _network.ConnectAsync();
        await first.SendAsync("1");
        await first.SendAsync("2");
        var messages = client.ReadAllAsync();
        (await messages.TakeAsync(2)).Should().Equal("1", "2");
        first.Cut();
        using var second = await _network.AcceptAfterAsync();

        await second.SendAsync("3");

        (await messages.TakeAsync(1)).Should().Equal("3");
        client.Statistics.MessagesReceived.Should().Be(3);
    }

    [Fact]
    public async Task ReadAll_ClientOver_EndsAfterWhatHasCome()
    {
        var (client, peer) = await _network.ConnectAsync();
        await peer.SendAsync("last");
        await peer.CloseAsync(System.Net.WebSockets.WebSocketCloseStatus.NormalClosure);
        await client.Completion.InTime();

        (await client.ReadAllAsync().TakeAsync(2)).Should().Equal("last");
    }

    [Fact]
    public async Task ReadAll_NobodyReads_ConnectionIsNotReadFurtherAndNothingIsLost()
    {
        var (client, peer) = await _network.ConnectAsync(options =>
        {
            options.MaxReceivedMessages = 2;
            options.Connection.MaxInboundMessages = 2;
        });
        for (var i = 0; i < 100; i++)
            await peer.SendAsync($"{i}");

        await FakeNetwork.UntilAsync(() => client.Statistics.MessagesReceived == 2);

        (await client.ReadAllAsync().TakeAsync(100)).Should().Equal(Enumerable.Range(0, 100).Select(i => $"{i}"));
    }

    [Fact]
    public async Task OnMessage_EachMessage_ComesOneAfterTheOther()
    {
        var texts = new List<string>();
        var all = new TaskCompletionSource();
        var (client, peer) = await _network.ConnectAsync(options => options.OnMessage = async (message, _) =>
        {
            await Task.Yield();
            texts.Add(message.GetText());
            if (texts.Count == 50)
                all.SetResult();
        });

        for (var i = 0; i < 50; i++)
            await peer.SendAsync($"{i}");

        await all.Task.InTime();
        texts.Should().Equal(Enumerable.Range(0, 50).Select(i => $"{i}"));
        client.Invoking(c => c.ReadAllAsync()).Should().Throw<InvalidOperationException>().WithMessage("*OnMessage is set*");
    }

    [Fact]
    public async Task OnMessage_WritesToItsClient_IsNoDeadlock()
    {
        ReconnectingClient? client = null;
        (client, var peer) = await _network.ConnectAsync(options => options.OnMessage = async (message, cancellationToken) =>
            (await client!.WriteAsync(message, cancellationToken)).Should().Be(SendResult.Sent));

        await peer.SendAsync("echo");

        (await peer.ReceiveAsync()).Should().Be("echo");
    }
}
