using System.Net.WebSockets;
using WsPumps.Core.Tests.Wire;
using WsPumps.Framing;

namespace WsPumps.Core.Tests.Compression;

/// <summary>Compressed frames, broken in any way and cut at any place: what the runtime makes of them, or a fault that we found and it did not.</summary>
public sealed class CompressedFuzzTests
{
    [Fact]
    public async Task Receive_AnyCompressedFrames_AsTheRuntimeDoes()
    {
        var same = 0;
        const int seeds = 10_000;
        for (var seed = 0; seed < seeds; seed++)
        {
            var bytes = Bytes(new Random(seed));
            var (ours, error) = await OursAsync(bytes, seed);
            var runtimes = await RuntimesAsync(bytes, seed);
            if (ours.End == runtimes.End && ours.Messages.SequenceEqual(runtimes.Messages))
            {
                same++;
                continue;
            }

            // Section 7.2.3.4 allows a last block with one byte behind it; the runtime does not.
            if (runtimes.End.Contains("BFINAL", StringComparison.Ordinal) && runtimes.Messages.SequenceEqual(ours.Messages.Take(runtimes.Messages.Count)))
                continue;

            (error is not null && ours.Messages.SequenceEqual(runtimes.Messages.Take(ours.Messages.Count))).Should().BeTrue(
                $"of seed {seed}: {error} {ours.End} {ours.Messages.Count}, runtime {runtimes.End} {runtimes.Messages.Count}");
        }

        same.Should().BeGreaterThan(seeds / 2);
    }

    private static byte[] Bytes(Random random)
    {
        var bytes = new List<byte>();
        for (var messages = random.Next(1, 5); messages > 0; messages--)
            bytes.AddRange(Message(random));
        var all = bytes.ToArray();
        for (var flips = random.Next(3) == 0 ? random.Next(1, 4) : 0; flips > 0; flips--)
            all[random.Next(all.Length)] ^= (byte)(1 << random.Next(8));
        return random.Next(5) == 0 ? all[..random.Next(all.Length)] : all;
    }

    private static IEnumerable<byte> Message(Random random)
    {
        var text = new byte[random.Next(600)];
        for (var i = 0; i < text.Length; i++)
            text[i] = (byte)('a' + random.Next(random.Next(1, 26)));
        var opcode = random.Next(2) == 0 ? WireOpcode.Text : WireOpcode.Binary;
        if (random.Next(4) == 0)
            return ClientFrame.Build(opcode, text, mask: (uint)random.Next());

        var pieces = Deflated.Payload(text).Chunk(random.Next(1, 200)).ToArray();
        return pieces.SelectMany((piece, i) => ClientFrame.Build(
            i == 0 ? opcode : WireOpcode.Continuation, piece, fin: i == pieces.Length - 1, reservedBits: i == 0 ? Deflated.Rsv1 : 0, mask: (uint)random.Next()));
    }

    private static async Task<(Conversation, FrameError?)> OursAsync(byte[] bytes, int seed)
    {
        var random = new Random(seed);
        await using var stream = new ScriptedStream(bytes, random);
        using var socket = new StreamWebSocket(stream, new StreamWebSocketOptions { Compression = new CompressionAgreement() });
        return (await Conversation.RunAsync(socket, stream, random), socket.Decoder.Error);
    }

    private static async Task<Conversation> RuntimesAsync(byte[] bytes, int seed)
    {
        var random = new Random(~seed);
        await using var stream = new ScriptedStream(bytes, random);
        using var socket = WebSocket.CreateFromStream(stream, new WebSocketCreationOptions
        {
            IsServer = true,
            KeepAliveInterval = TimeSpan.Zero,
            DangerousDeflateOptions = new WebSocketDeflateOptions { ClientContextTakeover = false, ServerContextTakeover = false },
        });
        return await Conversation.RunAsync(socket, stream, random);
    }
}
