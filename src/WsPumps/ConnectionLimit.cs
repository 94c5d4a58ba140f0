using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using WsPumps.Endpoints;

namespace WsPumps;

/// <summary>How many connections there may be at a time: in all, or for each key, such as a user or an address.</summary>
/// <remarks>
/// An instance counts what it is given to: in <see cref="WebSocketPumpsEndpointBuilder.ConnectionLimits"/> of one endpoint it counts that
/// endpoint's connections, in those of several endpoints all of theirs together. A place is taken before the upgrade and given back when
/// the connection was unregistered, or as soon as it fails on the way.
/// </remarks>
public sealed class ConnectionLimit
{
    private readonly ConcurrentDictionary<string, LeasesOfKey> _keys = new();
    private readonly Func<PlaceRequest, string?>? _key;

    /// <summary>What is asked about other servers; null where nothing is.</summary>
    private readonly ClusterPlaces? _cluster;

    /// <param name="maxConnections">At least 1; for each key, where there is one.</param>
    /// <param name="key">
    /// What the connections are counted by; read after
    /// <see cref="WebSocketPumpsEndpointBuilder.Setup(Func{ConnectionSetup, ValueTask})"/>. A request whose key is null is not counted.
    /// Null: all are counted together.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxConnections"/> is not positive.</exception>
    public ConnectionLimit(int maxConnections, Func<HttpContext, string?>? key = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxConnections);
        MaxConnections = maxConnections;
        _key = key is null ? null : request => key(request.Http);
    }

    private ConnectionLimit(int maxConnections, Func<PlaceRequest, string?> key, ClusterPlaces? cluster)
        : this(maxConnections) => (_key, _cluster) = (key, cluster);

    /// <summary>How many there may be; for each key, where there is one.</summary>
    public int MaxConnections { get; }

    /// <summary>
    /// Whether a new connection takes the place of the oldest one, which is closed with 1008 and <see cref="DisconnectReason.Replaced"/>.
    /// The place changes hands at once; the old connection has its time to close. While as many close as the limit allows, the one that
    /// has been closing longest is aborted for each further one that comes.
    /// </summary>
    /// <value>Default: false, the new one is refused with 503.</value>
    public bool CloseOldest { get; init; }

    /// <summary>How many places are taken now, all keys together. Connections that were replaced and still close hold none.</summary>
    public int Count => _keys.Values.Sum(static leases => leases.Count);

    /// <summary>For each user, by <see cref="WebSocketPumpsOptions.UserId"/>. Requests without a user are not counted.</summary>
    public static ConnectionLimit PerUser(int maxConnections, bool closeOldest = false) =>
        new(maxConnections, static request => request.UserId, cluster: null) { CloseOldest = closeOldest };

    /// <summary>
    /// For each user on all servers of a cluster together, by <see cref="WebSocketPumpsOptions.UserId"/>. One more is refused, or takes
    /// the place of the oldest, wherever that is. Without a <see cref="Cluster"/> it counts this server alone.
    /// </summary>
    /// <remarks>
    /// Needs <see cref="ClusterOptions.Presence"/>: an endpoint with this limit is not mapped without. Of other servers it counts what
    /// they told last, see <see cref="ClusterPresence"/>: about a second passes until a connection counts there. Where one more is
    /// refused, who connects to several servers within that second can have a connection more on each, and none is closed for it
    /// afterwards. With <paramref name="closeOldest"/> the servers are asked within the seconds after a connection, and all but the newest
    /// are closed with 1008; which are the newest is told by the clocks of the servers. A server that does not hear the others counts its
    /// own until it does.
    /// </remarks>
    /// <param name="maxConnections">At least 1.</param>
    /// <param name="closeOldest">Whether the oldest are closed instead of the new one refused.</param>
    /// <param name="broadcaster">The name of the broadcaster whose clients are counted,
    /// see <see cref="Cluster.CreateBroadcaster"/>.</param>
    public static ConnectionLimit PerUserInCluster(int maxConnections, bool closeOldest = false, string broadcaster = "")
    {
        ArgumentNullException.ThrowIfNull(broadcaster);
        return new(
            maxConnections,
            static request => request.UserId,
            new ClusterPlaces(broadcaster, maxConnections))
        {
            CloseOldest = closeOldest,
        };
    }

    /// <summary>
    /// For each remote address; for IPv6 for each network of 64 bits, which is what one customer gets. Behind a proxy, use the forwarded
    /// headers middleware.
    /// </summary>
    public static ConnectionLimit PerAddress(int maxConnections, bool closeOldest = false) =>
        new(maxConnections, static http => http.Connection.RemoteIpAddress is { } address ? KeyOf(address) : null)
        {
            CloseOldest = closeOldest,
        };

    /// <exception cref="InvalidOperationException">It counts what the servers of a cluster do not tell each other.</exception>
    internal void ThrowIfUncounted(Cluster? cluster)
    {
        if (_cluster is not null)
            ClusterPlaces.ThrowIfUncounted(cluster);
    }

    /// <summary>Takes a place. Nobody is replaced before <see cref="ConnectionLease.Commit"/>.</summary>
    /// <returns>False when there is no place. <paramref name="lease"/> is null as well where the request is not counted.</returns>
    internal bool TryEnter(in PlaceRequest request, out ConnectionLease? lease)
    {
        lease = null;
        if ((_key is null ? "" : _key(request)) is not { } key)
            return true;

        var elsewhere = CloseOldest ? 0 : _cluster?.Elsewhere(request.Cluster, key) ?? 0;
        while (!_keys.GetOrAdd(key, LeasesFor).TryAdd(out lease, elsewhere))
        {
        }

        if (lease is not null && CloseOldest)
            lease.Committed = _cluster?.KeepNewest(request.Cluster, key);
        return lease is not null;
    }

    private LeasesOfKey LeasesFor(string key) => new(MaxConnections, CloseOldest, () => _keys.TryRemove(key, out _));

    private static string KeyOf(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        return address.AddressFamily is AddressFamily.InterNetworkV6
            ? Convert.ToHexString(address.GetAddressBytes(), 0, 8) : address.ToString();
    }
}
