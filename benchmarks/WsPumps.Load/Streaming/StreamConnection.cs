using System.Net.Sockets;

namespace WsPumps.Load.Streaming;

/// <summary>One connection, with both of its ends in this process.</summary>
/// <param name="Server">The server's end.</param>
/// <param name="Peer">The other one.</param>
/// <param name="EndServer">Ends the server's end, from any thread. May be called twice.</param>
internal sealed record StreamConnection(Stream Server, Socket Peer, Action EndServer) : IDisposable
{
    public void Dispose()
    {
        Peer.Dispose();
        EndServer();
    }
}
