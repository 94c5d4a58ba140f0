using System.Net.Sockets;

namespace WsPumps.Transports;

/// <summary>How much a socket takes before it says that it is full.</summary>
internal static class SocketBacklog
{
    private const int Tcp = 6;

    /// <summary>
    /// TCP_NOTSENT_LOWAT of Linux. What is on its way does not count, so a fast peer is not held back, as it is by a small SO_SNDBUF.
    /// </summary>
    private const int NotSentLowWatermark = 25;

    /// <param name="socket">Null where it is not known.</param>
    /// <param name="bytes">Null to leave it to the system.</param>
    public static void Limit(Socket? socket, int? bytes)
    {
        if (bytes is not { } limit || !OperatingSystem.IsLinux()
            || socket?.AddressFamily is not (AddressFamily.InterNetwork or AddressFamily.InterNetworkV6))
        {
            return;
        }

        try
        {
            socket.SetRawSocketOption(Tcp, NotSentLowWatermark, BitConverter.GetBytes(limit));
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The connection is lost already, which the first read or write tells. Without the option it would work as well.
        }
    }
}
