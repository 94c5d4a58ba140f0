using System.Collections.Concurrent;
using System.Net.WebSockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using WsPumps.Registry;

namespace WsPumps;

/// <summary>The default <see cref="IManager"/>: a concurrent map of clients by id.</summary>
public partial class Manager : IManager
{
    private static readonly TimeSpan DefaultDrainTimeout = TimeSpan.FromSeconds(25);

    private readonly ConcurrentDictionary<string, IClient> _clients = new();
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly TimeSpan _drainTimeout;
    private volatile bool _draining;

    /// <param name="drainTimeout">How long a drain may take before the clients that are left are aborted. Default (null): 25 seconds.</param>
    /// <param name="timeProvider">The clock of that deadline; the system's when null.</param>
    /// <param name="logger">Told when a drain does not end in time, and when a client of one's own making throws.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="drainTimeout"/> is not positive.</exception>
    public Manager(TimeSpan? drainTimeout = null, TimeProvider? timeProvider = null, ILogger? logger = null)
    {
        _logger = logger ?? NullLogger.Instance;
        _drainTimeout = drainTimeout ?? DefaultDrainTimeout;
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(_drainTimeout, TimeSpan.Zero, nameof(drainTimeout));
        _time = timeProvider ?? TimeProvider.System;
        Clients = new ClientView(_clients);
    }

    /// <inheritdoc/>
    public IReadOnlyCollection<IClient> Clients { get; }

    /// <inheritdoc/>
    public void Register(IClient client)
    {
        ArgumentNullException.ThrowIfNull(client);

        if (!_clients.TryAdd(client.Id, client) && _clients.TryGetValue(client.Id, out var other) && !ReferenceEquals(client, other))
            throw new ArgumentException($"Another client is registered under the id '{client.Id}'. Ids must be unique within a manager.", nameof(client));

        // Seen here or by the drain: it raises the flag before it looks at the map.
        if (_draining)
            _ = CloseForShutdownAsync(client);
    }

    /// <inheritdoc/>
    public void Unregister(IClient client)
    {
        ArgumentNullException.ThrowIfNull(client);
        _clients.TryRemove(KeyValuePair.Create(client.Id, client));
    }

    /// <inheritdoc/>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var stopping = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (cancellationToken.UnsafeRegister(static stopping => ((TaskCompletionSource)stopping!).SetResult(), stopping).ConfigureAwait(false))
            await stopping.Task.ConfigureAwait(false);

        await DrainAsync().ConfigureAwait(false);
    }

    private async Task DrainAsync()
    {
        _draining = true;
        var closing = Clients.Select(CloseForShutdownAsync).ToList();
        try
        {
            await Task.WhenAll(closing).WaitAsync(_drainTimeout, _time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            Log.DrainTimedOut(_logger, Clients.Count, _drainTimeout);
            foreach (var client in Clients)
                client.Abort();
        }
    }

    /// <summary>Ends when the client has; its own deadlines see to that. Never faults.</summary>
    private async Task CloseForShutdownAsync(IClient client)
    {
        try
        {
            await client.CloseAsync(WebSocketCloseStatus.EndpointUnavailable, "The server is shutting down.").ConfigureAwait(false);
            await client.Completion.ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            Log.CloseFailed(_logger, client.Id, exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(30, LogLevel.Warning, "{Clients} clients were still connected {Limit} after the drain began. They are aborted.", EventName = "DrainTimedOut")]
        public static partial void DrainTimedOut(ILogger logger, int clients, TimeSpan limit);

        [LoggerMessage(31, LogLevel.Error, "Connection {ConnectionId}: closing it for shutdown failed.", EventName = "ShutdownCloseFailed")]
        public static partial void CloseFailed(ILogger logger, string connectionId, Exception exception);
    }
}
