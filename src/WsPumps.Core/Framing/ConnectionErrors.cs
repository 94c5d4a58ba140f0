using System.Net.Sockets;
using System.Net.WebSockets;

namespace WsPumps.Framing;

/// <summary>What exceptions say about a connection.</summary>
internal static class ConnectionErrors
{
    /// <summary>
    /// Whether an exception is the platform's way to say that the connection is gone. Which type it is depends on the
    /// server and on the moment.
    /// </summary>
    public static bool IsConnectionLost(Exception exception) => exception
        is WebSocketException or SocketException or OperationCanceledException or IOException or ObjectDisposedException
            or InvalidOperationException;

    /// <summary>Whether the platform refused what the peer sent. It has answered with 1002 or 1007 itself.</summary>
    public static bool IsProtocolError(Exception exception) =>
        exception is WebSocketException { WebSocketErrorCode: WebSocketError.Faulted };
}
