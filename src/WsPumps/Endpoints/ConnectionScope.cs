using System.Collections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Logging;
using WsPumps.Hosting;
using WsPumps.Registry;

namespace WsPumps.Endpoints;

/// <summary>
/// The log scope of one connection: its client's id, route, user and remote address are with every line that is written on its behalf, by
/// the application's handlers too. The id of the server's own scope names the TCP connection.
/// </summary>
internal sealed partial class ConnectionScope(IClient client, HttpContext http)
    : IReadOnlyList<KeyValuePair<string, object?>>
{
    private readonly string _route = http.GetEndpoint()?.Metadata.GetMetadata<IRouteDiagnosticsMetadata>()?.Route
        ?? LogText.Of(http.Request.Path);

    /// <summary>By the claims of the handshake: the application's own rule is asked where the client is registered, and once.</summary>
    private readonly string? _user = RequestUser.Of(http) is { } user && UserIdentity.DefaultId(user) is { } id ? LogText.Of(id) : null;

    private readonly string _address = http.Connection.RemoteIpAddress?.ToString() ?? "memory";

    public int Count => 4;

    public KeyValuePair<string, object?> this[int index] => index switch
    {
        0 => new("ConnectionId", client.Id),
        1 => new("Route", _route),
        2 => new("User", _user),
        3 => new("RemoteAddress", _address),
        _ => throw new ArgumentOutOfRangeException(nameof(index)),
    };

    /// <summary>Begins the scope, and says that the connection is open.</summary>
    public IDisposable? Begin(ILogger logger)
    {
        var scope = logger.BeginScope(this);
        Log.Opened(logger, client.Id, _route, _user ?? "nobody", _address);
        return scope;
    }

    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator()
    {
        for (var i = 0; i < Count; i++)
            yield return this[i];
    }

    public override string ToString() => $"WebSocket:{client.Id} Route:{_route} User:{_user} RemoteAddress:{_address}";

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static partial class Log
    {
        [LoggerMessage(104, LogLevel.Debug,
            "Connection {ConnectionId} opened: route {Route}, user {User}, from {RemoteAddress}.", EventName = "ConnectionOpened")]
        public static partial void Opened(ILogger logger, string connectionId, string route, string user, string remoteAddress);
    }
}
