using System.Collections.Concurrent;

namespace WsPumps.Tests.CustomTypes;

/// <summary>A client around another one, which it leaves everything to; keeps a log of writes.</summary>
internal class WrappingClient(IClient inner) : DelegatingClient(inner)
{
    public ConcurrentQueue<int> Written { get; } = new();

    public TimeSpan PingInterval { get; private set; }

    public override WriteResult Write(PreparedMessage message)
    {
        Written.Enqueue(message.Length);
        return base.Write(message);
    }

    public override WriteResult Write(Message message)
    {
        Written.Enqueue(message.Payload.Length);
        return base.Write(message);
    }

    public override ValueTask<WriteResult> WriteAsync(PreparedMessage message, CancellationToken cancellationToken = default)
    {
        Written.Enqueue(message.Length);
        return base.WriteAsync(message, cancellationToken);
    }

    public override ValueTask<WriteResult> WriteAsync(Message message, CancellationToken cancellationToken = default)
    {
        Written.Enqueue(message.Payload.Length);
        return base.WriteAsync(message, cancellationToken);
    }

    public override Task WritePumpAsync(Action<IClient> unregister, TimeSpan pingInterval, CancellationToken cancellationToken)
    {
        PingInterval = pingInterval;
        return base.WritePumpAsync(unregister, pingInterval, cancellationToken);
    }
}
