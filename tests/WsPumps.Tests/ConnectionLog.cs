using System.Threading.Channels;

namespace WsPumps.Tests;

/// <summary>The clients that an endpoint's callbacks were called with, in order, to be awaited.</summary>
internal sealed class ConnectionLog
{
    private readonly Channel<IClient> _registered = Channel.CreateUnbounded<IClient>();
    private readonly Channel<IClient> _unregistered = Channel.CreateUnbounded<IClient>();
    private int _unregistrations;

    public int Unregistrations => Volatile.Read(ref _unregistrations);

    public Task<IClient> NextRegisteredAsync() => _registered.Reader.ReadAsync().InTime();

    public Task<IClient> NextUnregisteredAsync() => _unregistered.Reader.ReadAsync().InTime();

    /// <summary>Puts itself behind the endpoint's own callbacks.</summary>
    public void Watch(WebSocketPumpsEndpointBuilder endpoint)
    {
        endpoint.Register(context => _registered.Writer.TryWrite(context.Client));
        endpoint.Unregister(context =>
        {
            Interlocked.Increment(ref _unregistrations);
            _unregistered.Writer.TryWrite(context.Client);
        });
    }
}
