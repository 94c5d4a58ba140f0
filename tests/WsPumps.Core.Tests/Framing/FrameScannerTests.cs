using WsPumps.Framing;

namespace WsPumps.Core.Tests.Framing;

public sealed class FrameScannerTests
{
    private static readonly (WireOpcode Opcode, byte[] Payload)[] Frames =
    [
        (WireOpcode.Text, Bytes(0)),
        (WireOpcode.Ping, Bytes(0)),
        (WireOpcode.Pong, Bytes(8)),
        (WireOpcode.Binary, Bytes(125)),
        (WireOpcode.Pong, Bytes(3)),
        (WireOpcode.Text, Bytes(126)),
        (WireOpcode.Continuation, Bytes(7)),
        (WireOpcode.Ping, Bytes(125)),
        (WireOpcode.Pong, Bytes(9)),
        (WireOpcode.Binary, Bytes(300)),
        (WireOpcode.Close, Bytes(2)),
    ];

    private static readonly List<(Opcode Opcode, ulong Payload)> ControlFrames = [.. Frames
        .Where(frame => frame.Opcode >= WireOpcode.Close)
        .Select(frame => ((Opcode)frame.Opcode, frame.Payload.Take(8).Aggregate(0ul, (number, value) => (number << 8) | value)))];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void NextControlFrame_CutAtEveryPosition_FindsTheSame(bool masked)
    {
        var stream = Stream(masked);
        for (var cut = 0; cut <= stream.Length; cut++)
            Scan(stream[..cut], stream[cut..]).Should().Equal(ControlFrames, "the stream was cut at {0}", cut);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void NextControlFrame_ByteByByte_FindsTheSame(bool masked) =>
        Scan([.. Stream(masked).Select(value => new[] { value })]).Should().Equal(ControlFrames);

    [Fact]
    public void NextControlFrame_RandomCuts_FindsTheSame()
    {
        for (var seed = 0; seed < 1000; seed++)
        {
            var random = new Random(seed);
            var stream = Stream(masked: seed % 2 == 0);
            var parts = new List<byte[]>();
            for (var start = 0; start < stream.Length;)
            {
                var end = Math.Min(stream.Length, start + random.Next(1, 80));
                parts.Add(stream[start..end]);
                start = end;
            }

            Scan([.. parts]).Should().Equal(ControlFrames, "seed {0}", seed);
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(8)]
    public void NextControlFrame_LengthsInLongForm_FindsTheSame(int lengthBytes)
    {
        byte[] stream =
        [
            .. ClientFrame.Build(WireOpcode.Binary, Bytes(20), lengthBytes: lengthBytes),
            .. ClientFrame.Build(WireOpcode.Binary, Bytes(70_000)),
            .. ClientFrame.Pong([5]),
        ];

        Scan(stream).Should().Equal((Opcode.Pong, 5ul));
    }

    /// <summary>It judges nothing: whoever reads the stream ends the connection on such a length.</summary>
    [Fact]
    public void NextControlFrame_LengthOfAllOnes_SkipsWhatFollows() =>
        Scan([0x82, 0xFF, .. Enumerable.Repeat((byte)0xFF, 8), 0, 0, 0, 0], ClientFrame.Pong([5])).Should().BeEmpty();

    private static byte[] Bytes(int length) => [.. Enumerable.Range(0, length).Select(i => (byte)((i * 37) + length))];

    private static byte[] Stream(bool masked) =>
        [.. Frames.SelectMany((frame, index) => ClientFrame.Build(frame.Opcode, frame.Payload, mask: masked ? 0x12345678u * (uint)(index + 1) : null))];

    private static List<(Opcode Opcode, ulong Payload)> Scan(params byte[][] parts)
    {
        var scanner = default(FrameScanner);
        var found = new List<(Opcode, ulong)>();
        foreach (var part in parts)
        {
            ReadOnlySpan<byte> bytes = part;
            while (scanner.NextControlFrame(ref bytes, out var opcode, out var payload))
                found.Add((opcode, payload));
            bytes.Length.Should().Be(0);
        }

        return found;
    }
}
