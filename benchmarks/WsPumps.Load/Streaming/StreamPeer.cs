using System.Buffers.Binary;
using System.Net.Sockets;
using WsPumps.Load.Platform;

namespace WsPumps.Load.Streaming;

/// <summary>The other end of a streamed message: a thread on the core of the load that does nothing but send, or receive, with large buffers.</summary>
internal static class StreamPeer
{
    /// <summary>Of the payload of each frame that it sends.</summary>
    public const int FrameLength = 64 * 1024;

    private const int HeaderLength = 14;
    private const uint Key = 0x37FA213D;

    /// <summary>How many bytes frames with so much payload are on the wire.</summary>
    public static long OnTheWire(long payload) => payload / FrameLength * (FrameLength + HeaderLength);

    /// <summary>Receives so many bytes, and forgets them.</summary>
    public static Task ReceiveAsync(Socket socket, long bytes) => RunAsync(() =>
    {
        var buffer = new byte[256 * 1024];
        for (var left = bytes; left > 0;)
        {
            var count = socket.Receive(buffer);
            left -= count > 0 ? count : throw new LoadException("The connection ended before all had come.");
        }
    });

    /// <summary>Sends one message in masked frames.</summary>
    public static Task SendAsync(Socket socket, long payload) => RunAsync(() =>
    {
        var frame = Frame(opcode: 2);
        for (var left = payload; left > 0; left -= FrameLength)
        {
            // The last one ends the message.
            frame[0] = (byte)((left <= FrameLength ? 0x80 : 0) | (left == payload ? 2 : 0));
            for (var sent = 0; sent < frame.Length;)
                sent += socket.Send(frame.AsSpan(sent));
        }
    });

    private static byte[] Frame(byte opcode)
    {
        var frame = new byte[HeaderLength + FrameLength];
        (frame[0], frame[1]) = (opcode, 0x80 | 127);
        BinaryPrimitives.WriteUInt64BigEndian(frame.AsSpan(2), FrameLength);
        BinaryPrimitives.WriteUInt32LittleEndian(frame.AsSpan(10), Key);
        new Random(1).NextBytes(frame.AsSpan(HeaderLength));
        return frame;
    }

    private static Task RunAsync(Action work) => Task.Factory.StartNew(
        () =>
        {
            Cores.UseThoseOfLoad();
            work();
        },
        CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
