using System.Net.Sockets;

namespace WsPumps.Load.Streaming;

/// <summary>One connection, with both of its ends in this process.</summary>
/// <param name="Server">The server's end.</param>
/// <param name="Peer">The other one.</param>
/// <param name="EndServer">Ends the server's end, from any thread. May be called twice.</param>
internal sealed record StreamConnection(Stream Server, Socket Peer, Action EndServer) : IDisposable
{
    /// <summary>Completes when the peer has sent or received everything: before, nothing may be torn down.</summary>
    public Task PeerWork { get; set; } = Task.CompletedTask;

    public void Dispose()
    {
        Peer.Dispose();
        EndServer();
    }
}
