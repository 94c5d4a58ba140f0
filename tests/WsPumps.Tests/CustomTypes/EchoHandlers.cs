using System.Threading.Channels;

namespace WsPumps.Tests.CustomTypes;

/// <summary>What the objects of a handler class went through, of all connections.</summary>
internal sealed class HandlerLog
{
    private readonly Channel<string> _events = Channel.CreateUnbounded<string>();

    public void Add(string text) => _events.Writer.TryWrite(text);

    public Task<string> NextAsync() => _events.Reader.ReadAsync().InTime();
}

internal class EchoHandler(HandlerLog log) : WebSocketPumpsHandler
{
    public override ValueTask OnRegisterAsync(RegisterContext context)
    {
        log.Add("connected");
        return default;
    }

    public override async ValueTask OnMessageAsync(IClient client, Message message, CancellationToken cancellationToken)
    {
        log.Add("message");
        await client.WriteAsync(message, cancellationToken);
    }

    public override ValueTask OnUnregisterAsync(UnregisterContext context)
    {
        log.Add("disconnected");
        return default;
    }
}

internal sealed class DisposableEchoHandler(HandlerLog log) : EchoHandler(log), IDisposable
{
    private readonly HandlerLog _log = log;

    public void Dispose() => _log.Add("disposed");
}

internal sealed class AsyncDisposableEchoHandler(HandlerLog log) : EchoHandler(log), IAsyncDisposable
{
    private readonly HandlerLog _log = log;

    public ValueTask DisposeAsync()
    {
        _log.Add("disposed");
        return default;
    }
}
