using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
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

    [Fact]
    public async Task OnMessageStream_HandlerClass_GetsServicesOfItsOwnForEachMessage()
    {
        await using var host = await PumpsHost.StartAsync(
            endpoint => endpoint.OnMessageStream<LengthHandler>(WebSocketMessageType.Text),
            builder => builder.Services.AddSingleton<Numbers>().AddScoped<Session>());
        var peer = await host.ConnectAsync();

        foreach (var expected in (string[])["session 1: 1000", "session 2: 1000"])
        {
            await peer.SendTextAsync(new string('x', 1000));
            (await peer.ReceiveTextAsync()).Should().Be(expected);
        }
    }

    [Fact]
    public async Task OnMessageStream_HandlerClassOfTheEndpoint_IsTheObjectOfTheConnection()
    {
        await using var host = await PumpsHost.StartAppAsync(app => app.MapWebSocketPumps<UploadHandler>("/",
            endpoint => endpoint.OnMessageStream<UploadHandler>(WebSocketMessageType.Binary)));
        var peer = await host.ConnectAsync();

        await peer.SendTextAsync("name");
        (await peer.ReceiveTextAsync()).Should().Be("send name");
        await peer.SendBinaryAsync(new byte[1000]);

        (await peer.ReceiveTextAsync()).Should().Be("name: 1000");
    }

    [Fact]
    public async Task OnMessageStream_HandlerClassAndAnother_IsAnError()
    {
        var start = () => PumpsHost.StartAsync(endpoint => endpoint.OnMessageStream<LengthHandler>().OnMessageStream((_, _, _) => default));

        await start.Should().ThrowAsync<InvalidOperationException>().WithMessage("*already*");
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

    internal sealed class LengthHandler(Session session) : IMessageStreamHandler
    {
        public async ValueTask HandleAsync(IClient client, IncomingMessage message, CancellationToken cancellationToken)
        {
            using var reader = new StreamReader(message.Stream);
            var text = await reader.ReadToEndAsync(cancellationToken);
            await client.WriteAsync($"session {session.Number}: {text.Length}", cancellationToken);
        }
    }

    internal sealed class UploadHandler : WebSocketPumpsHandler, IMessageStreamHandler
    {
        private string _name = "";

        public override async ValueTask OnMessageAsync(IClient client, Message message, CancellationToken cancellationToken)
        {
            _name = message.GetText();
            await client.WriteAsync($"send {_name}", cancellationToken);
        }

        public async ValueTask HandleAsync(IClient client, IncomingMessage message, CancellationToken cancellationToken)
        {
            using var content = new MemoryStream();
            await message.Stream.CopyToAsync(content, cancellationToken);
            await client.WriteAsync($"{_name}: {content.Length}", cancellationToken);
        }
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
