using WsPumps.Wire.Tests.Clients;

namespace WsPumps.Wire.Tests.Load;

/// <summary>What can be wrong with a peer.</summary>
internal enum Fault
{
    None,
    Reset,
    HalfClose,
    Vanish,
    Garbage,
    Stall,
    Silence,
    Oversize,
}

/// <summary>A peer that exchanges a message, then shows its fault, and goes when the server has let go of it.</summary>
internal static class FaultyPeer
{
    /// <summary>Asks the server for more than any buffer holds.</summary>
    public const string Flood = "flood";

    private static readonly Random Bytes = new(7);

    /// <param name="peer">The connection, whose server answers a text with its id.</param>
    /// <param name="fault">What is wrong.</param>
    /// <param name="endOf">The end of the connection on the server's side.</param>
    public static async Task RunAsync(RawWebSocketClient peer, Fault fault, Func<string, Task> endOf)
    {
        await peer.SendAsync(ClientFrame.Text("hello"));
        var ended = endOf(await ReadTextAsync(peer));
        switch (fault)
        {
            case Fault.None:
                await peer.SendAsync(ClientFrame.Close(1000));
                (await peer.ReadToCloseAsync().InTime())[^1].CloseCode.Should().Be(1000);
                break;
            case Fault.Reset:
                peer.Reset();
                break;
            case Fault.HalfClose:
                await peer.FinishSendingAsync();
                await ended.InTime();
                break;
            case Fault.Garbage:
                await peer.SendAsync(Garbage());
                break;
            case Fault.Stall:
                await peer.SendAsync(ClientFrame.Text(Flood));
                await ended.InTime();
                break;
            case Fault.Silence:
                await ended.InTime();
                break;
            case Fault.Oversize:
                await peer.SendAsync(ClientFrame.Binary(new byte[100_000]));
                (await peer.ReadToCloseAsync().InTime())[^1].CloseCode.Should().Be(1009);
                break;
            default:
                break;
        }
    }

    private static async Task<string> ReadTextAsync(RawWebSocketClient peer)
    {
        while (await peer.ReadFrameAsync() is { } frame)
        {
            if (frame.Opcode is WireOpcode.Text)
                return frame.Text;
            // The machine is busy enough for a ping to come first.
            await peer.SendAsync(ClientFrame.Pong(frame.Payload));
        }

        throw new WireViolationException("The connection ended before its first message.");
    }

    /// <summary>It begins like a frame whose opcode is not defined, so that no chance makes it a valid one.</summary>
    private static byte[] Garbage()
    {
        var garbage = new byte[500];
        lock (Bytes)
            Bytes.NextBytes(garbage);
        garbage[0] = 0x83;
        return garbage;
    }
}
