using Microsoft.Extensions.DependencyInjection;
using WsPumps.Tests.Peers;

namespace WsPumps.Tests.Messages;

public sealed class ScopedHandlerTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task OnMessage_HandlerClass_GetsServicesOfItsOwnForEachMessage(bool registered)
    {
        await using var host = await PumpsHost.StartAsync(
            endpoint => endpoint.OnMessage<CountingHandler>(),
            builder =>
            {
                builder.Services.AddSingleton<Numbers>().AddScoped<Session>();
                if (registered)
                    builder.Services.AddScoped<CountingHandler>();
            });
        var peer = await host.ConnectAsync();

        foreach (var expected in (string[])["session 1", "session 2"])
        {
            await peer.SendTextAsync("x");
            (await peer.ReceiveTextAsync()).Should().Be(expected);
            (await peer.ReceiveTextAsync()).Should().Be("disposed");
        }
    }

    [Fact]
    public async Task OnMessage_HandlerInterface_ComesOutOfTheServices()
    {
        await using var host = await PumpsHost.StartAsync(
            endpoint => endpoint.OnMessage<IMessageHandler>(),
            builder => builder.Services.AddSingleton<Numbers>().AddScoped<Session>().AddScoped<IMessageHandler, CountingHandler>());
        var peer = await host.ConnectAsync();

        await peer.SendTextAsync("x");

        (await peer.ReceiveTextAsync()).Should().Be("session 1");
    }

    internal sealed class Numbers
    {
        private int _last;

        public int Next() => Interlocked.Increment(ref _last);
    }

    internal sealed class Session(Numbers numbers)
    {
        public int Number { get; } = numbers.Next();
    }

    internal sealed class CountingHandler(Session session) : IMessageHandler, IAsyncDisposable
    {
        private IClient? _client;

        public async ValueTask HandleAsync(IClient client, Message message, CancellationToken cancellationToken)
        {
            _client = client;
            await client.WriteAsync($"session {session.Number}", cancellationToken);
        }

        public async ValueTask DisposeAsync()
        {
            if (_client is not null)
                await _client.WriteAsync("disposed");
        }
    }
}
