using System.Net;
using System.Net.Sockets;
using WsPumps.Load.Platform;

namespace WsPumps.Load.Servers;

/// <summary>
/// What the kernel alone costs: one thread, epoll, recv and send. Whatever one read brought is encoded into one buffer, and the
/// buffer is sent to each receiver with one call. It has no queue, no deadline and no ping.
/// </summary>
internal sealed class FloorServer : IEpollTarget
{
    private const int Backlog = 512;
    private const int BufferSize = 256 * 1024;

    private readonly Socket _listener;

    private FloorServer(Socket listener)
    {
        _listener = listener;
        Sockets.Add(this);
    }

    public int Descriptor => (int)_listener.Handle;

    public Epoll Sockets { get; } = new();

    /// <summary>The clients of /broadcast.</summary>
    public List<FloorConnection> Everybody { get; } = [];

    /// <summary>Shared by all connections, one after the other.</summary>
    public byte[] Input { get; } = GC.AllocateUninitializedArray<byte>(BufferSize, pinned: true);

    public byte[] Output { get; private set; } = GC.AllocateUninitializedArray<byte>(BufferSize, pinned: true);

    public static Task<int> StartAsync(ServerSettings settings)
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, settings.Port));
        listener.Listen(Backlog);
        listener.Blocking = false;
        new Thread(new FloorServer(listener).Run) { IsBackground = true }.Start();
        return Task.FromResult(((IPEndPoint)listener.LocalEndPoint!).Port);
    }

    public void OnReady()
    {
        try
        {
            var socket = _listener.Accept();
            (socket.NoDelay, socket.Blocking) = (true, false);
            _ = new FloorConnection(this, socket);
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.WouldBlock)
        {
            // The client has gone again.
        }
    }

    public Span<byte> OutputFor(int length)
    {
        if (Output.Length < length)
            Output = GC.AllocateUninitializedArray<byte>(length, pinned: true);
        return Output;
    }

    private void Run()
    {
        while (true)
            Sockets.Poll(milliseconds: -1);
    }
}
