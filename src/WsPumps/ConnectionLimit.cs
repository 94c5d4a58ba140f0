using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using WsPumps.Endpoints;

namespace WsPumps;

/// <summary>How many connections there may be at a time: in total, or for each key, such as a user or an address.</summary>
/// <remarks>
/// An instance counts the connections of all endpoints that have it in their <see cref="WebSocketPumpsEndpointBuilder.ConnectionLimits"/>,
/// together. A place is taken before the upgrade and given back when the connection has been unregistered, or as soon as it fails before
/// that. Safe for concurrent use.
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
    /// The place changes hands at once; the old connection has its time to close. While as many connections are closing as the limit
    /// allows, each further one aborts the one that has been closing longest.
    /// </summary>
    /// <value>Default: false, the new one is refused with 503.</value>
    public bool CloseOldest { get; init; }

    /// <summary>How many places are taken now, over all keys. Connections that were replaced and are still closing hold none.</summary>
    public int Count => _keys.Values.Sum(static leases => leases.Count);

    /// <summary>A limit for each user, by <see cref="WebSocketPumpsOptions.UserId"/>. Requests without a user are not counted.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxConnections"/> is not positive.</exception>
    public static ConnectionLimit PerUser(int maxConnections, bool closeOldest = false) =>
        new(maxConnections, static request => request.UserId, cluster: null) { CloseOldest = closeOldest };

    /// <summary>
    /// A limit for each user on all servers of a cluster together, by <see cref="WebSocketPumpsOptions.UserId"/>. A connection over the
    /// limit is refused, or takes the place of the oldest one, on whichever server that is. Without a <see cref="Cluster"/> it counts this
    /// server alone.
    /// </summary>
    /// <remarks>
    /// Needs <see cref="ClusterOptions.Presence"/>: without it, an endpoint with this limit cannot be mapped. Other servers' connections
    /// are counted as last reported, see <see cref="ClusterPresence"/>: it takes about a second until a connection counts elsewhere. Where
    /// connections over the limit are refused, a user who connects to several servers within that second can have one more on each, and
    /// none is closed afterwards. With <paramref name="closeOldest"/>, the servers are asked within seconds after a connection, and all but
    /// the newest are closed with 1008; the clocks of the servers decide which are the newest. A server that hears nothing from the others
    /// counts only its own connections until it does.
    /// </remarks>
    /// <param name="maxConnections">At least 1.</param>
    /// <param name="closeOldest">Whether the oldest are closed instead of refusing the new one.</param>
    /// <param name="broadcaster">The name of the broadcaster whose clients are counted,
    /// see <see cref="Cluster.CreateBroadcaster"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxConnections"/> is not positive.</exception>
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
    /// A limit for each remote address; with IPv6, for each network of 64 bits, which is what one customer gets. Behind a proxy, use the
    /// forwarded headers middleware.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxConnections"/> is not positive.</exception>
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
