using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using WsPumps.Hosting;

namespace WsPumps.Endpoints;

/// <summary>Finds the socket of a connection on which the server's output reaches the wire as it was written.</summary>
internal static class PlainSocket
{
    /// <returns>
    /// Null where it is not certain that nothing lies between: the transport of the connection is not the very one it was accepted with
    /// (TLS, logging, any connection middleware that sees bytes), or that was not noted, because the server does not use the sockets of
    /// Kestrel.
    /// </returns>
    public static Socket? Of(HttpContext http)
    {
        var features = http.Features;
        var accepted = features.Get<NotedTransport>()?.Transport;
        var isPlain = accepted is not null
            && ReferenceEquals(accepted, features.Get<IConnectionTransportFeature>()?.Transport)
            && features.Get<ITlsHandshakeFeature>() is null;
        return isPlain ? features.Get<IConnectionSocketFeature>()?.Socket : null;
    }
}
