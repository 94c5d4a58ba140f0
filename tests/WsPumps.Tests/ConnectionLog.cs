using System.Collections.Concurrent;
using System.Threading.Channels;

namespace WsPumps.Tests;

/// <summary>The clients that an endpoint's callbacks were called with, in order, to be awaited.</summary>
internal sealed class ConnectionLog
{
    private readonly Channel<IClient> _registered = Channel.CreateUnbounded<IClient>();
    private readonly Channel<IClient> _unregistered = Channel.CreateUnbounded<IClient>();
    private readonly ConcurrentDictionary<IClient, bool> _gone = new();
    private int _unregistrations;

    public int Unregistrations => Volatile.Read(ref _unregistrations);

    /// <summary>Whether the library has gone on after the register callback of a client.</summary>
    public Func<IClient, bool> IsKnown { private get; set; } = static _ => true;

    /// <summary>
    /// The next one, when it is known to the broadcaster. Until then the time of its register callback runs, which has only just returned: a clock
    /// that is moved on at once would find it too slow.
    /// </summary>
    public async Task<IClient> NextRegisteredAsync()
    {
        var client = await _registered.Reader.ReadAsync().InTime();
        using var limit = new CancellationTokenSource(Limit.Time);
        while (!IsKnown(client) && !client.Completion.IsCompleted && !_gone.ContainsKey(client))
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        return client;
    }

    public Task<IClient> NextUnregisteredAsync() => _unregistered.Reader.ReadAsync().InTime();

    /// <summary>Puts itself behind the endpoint's own callbacks.</summary>
    public void Watch(WebSocketPumpsEndpointBuilder endpoint)
    {
        endpoint.Register(context => _registered.Writer.TryWrite(context.Client));
        endpoint.Unregister(context =>
        {
            Interlocked.Increment(ref _unregistrations);
            _gone[context.Client] = true;
            _unregistered.Writer.TryWrite(context.Client);
        });
    }
}
