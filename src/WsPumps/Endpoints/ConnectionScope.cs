using System.Collections;
using Microsoft.Extensions.Logging;

namespace WsPumps.Endpoints;

/// <summary>
/// The log scope of one connection: its client's id, route, user and remote address are with every line that is written on its behalf, by
/// the application's handlers too. The id of the server's own scope names the TCP connection.
/// </summary>
internal sealed partial class ConnectionScope(IClient client, ConnectionSource source)
    : IReadOnlyList<KeyValuePair<string, object?>>
{
    public int Count => 4;

    public KeyValuePair<string, object?> this[int index] => index switch
    {
        0 => new("ConnectionId", client.Id),
        1 => new("Route", source.Route),
        2 => new("User", source.User),
        3 => new("RemoteAddress", source.Address),
        _ => throw new ArgumentOutOfRangeException(nameof(index)),
    };

    /// <summary>Begins the scope, and says that the connection is open.</summary>
    public IDisposable? Begin(ILogger logger)
    {
        var scope = logger.BeginScope(this);
        Log.Opened(logger, client.Id, source.Route, source.User ?? "nobody", source.Address);
        return scope;
    }

    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator()
    {
        for (var i = 0; i < Count; i++)
            yield return this[i];
    }

    public override string ToString() => $"WebSocket:{client.Id} Route:{source.Route} User:{source.User} RemoteAddress:{source.Address}";

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static partial class Log
    {
        [LoggerMessage(104, LogLevel.Debug,
            "Connection {ConnectionId} opened: route {Route}, user {User}, from {RemoteAddress}.", EventName = "ConnectionOpened")]
        public static partial void Opened(ILogger logger, string connectionId, string route, string user, string remoteAddress);
    }
}
