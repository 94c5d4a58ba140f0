using System.Net.Sockets;
using WsPumps.Testing.Frames;
using WsPumps.Testing.Peers;

namespace WsPumps.Testing.Tests;

/// <summary>The same peer over a real socket: a link whose server's end is copied to and from TCP.</summary>
internal static class SocketPeers
{
    public static async Task<TestPeer> ConnectAsync(Uri server, VirtualTime time, Func<Task<IClient>> nextClient)
    {
        var link = new TestLink(time, 64 * 1024);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveBufferSize = 16 * 1024 };
        await socket.ConnectAsync(server.Host, server.Port);
        _ = link.RunAsync(static () => { });
        _ = SendAsync(link, socket);
        _ = ReceiveAsync(link, socket);

        var options = new PeerOptions();
        await link.ToServer.Writer.WriteAsync(new Handshake(options).Request());
        var source = new ByteSource(link.ToPeer.Reader.AsStream());
        await Handshake.ReadAnswerAsync(source);
        var client = await nextClient();
        var peer = new TestPeer(link, time, options, "the peer over a socket", null, new PeerInbox(time, "the peer over a socket", null, TestPeer.Limit), () => client);
        _ = peer.ReceiveAsync(source);
        return peer;
    }

    /// <summary>To TCP: the end of the link becomes a FIN, its reset an RST.</summary>
    private static async Task SendAsync(TestLink link, Socket socket)
    {
        try
        {
            await using var bytes = link.ToServer.Reader.AsStream();
            var buffer = new byte[4096];
            while (await bytes.ReadAsync(buffer) is var length and > 0)
                await socket.SendAsync(buffer.AsMemory(0, length));
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (IOException)
        {
            socket.Close(timeout: 0);
        }
        catch (SocketException)
        {
            link.Reset();
        }
    }

    private static async Task ReceiveAsync(TestLink link, Socket socket)
    {
        try
        {
            var buffer = new byte[4096];
            while (await socket.ReceiveAsync(buffer) is var length and > 0)
                await link.ToPeer.Writer.WriteAsync(buffer.AsMemory(0, length));
            await link.ToPeer.Writer.CompleteAsync();
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            link.Reset();
        }
    }
}
