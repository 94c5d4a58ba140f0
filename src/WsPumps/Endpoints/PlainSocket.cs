using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace WsPumps.Endpoints;

/// <summary>Finds the socket of a connection on which the server's output reaches the wire as it was written.</summary>
internal static class PlainSocket
{
    private static readonly Type PlainPipeWriter = new Pipe().Writer.GetType();

    /// <returns>
    /// Null with TLS, and where a connection middleware (logging, compression) has put an output of its own in between. One that puts a
    /// plain <see cref="Pipe"/> there looks like the server's own and cannot be told apart: why direct writes are off unless asked for.
    /// </returns>
    public static Socket? Of(HttpContext http)
    {
        var features = http.Features;
        var isPlain = features.Get<ITlsHandshakeFeature>() is null
            && features.Get<IConnectionTransportFeature>()?.Transport.Output.GetType() == PlainPipeWriter;
        return isPlain ? features.Get<IConnectionSocketFeature>()?.Socket : null;
    }
}
