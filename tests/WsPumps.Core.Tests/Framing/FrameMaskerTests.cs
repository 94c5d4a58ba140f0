using WsPumps.Framing;

namespace WsPumps.Core.Tests.Framing;

public sealed class FrameMaskerTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(125)]
    [InlineData(126)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    [InlineData(200_000)]
    public void Mask_OneFrame_IsTheSamePayloadUnderAKey(int length)
    {
        var payload = new byte[length];
        new Random(length).NextBytes(payload);

        var frames = Unmask(new FrameMasker().Mask(PreparedMessage.Binary(payload).Frame.Span));

        frames.Single().Opcode.Should().Be(Opcode.Binary);
        frames.Single().Payload.Should().Equal(payload);
    }

    [Fact]
    public void Mask_ManyFramesAgainAndAgain_EachHasAKeyOfItsOwn()
    {
        var masker = new FrameMasker();
        var keys = new HashSet<uint>();
        for (var round = 1; round <= 20; round++)
        {
            var joined = Enumerable.Range(0, round).SelectMany(i => PreparedMessage.Text(new string('x', i * 37)).Frame.ToArray()).ToArray();

            var frames = Unmask(masker.Mask(joined));

            frames.Select(frame => frame.Payload.Length).Should().Equal(Enumerable.Range(0, round).Select(i => i * 37));
            frames.Should().OnlyContain(frame => frame.Payload.All(b => b == (byte)'x'));
            frames.Should().OnlyContain(frame => keys.Add(frame.Key));
        }
    }

    private static List<(Opcode Opcode, uint Key, byte[] Payload)> Unmask(ReadOnlyMemory<byte> masked)
    {
        var frames = new List<(Opcode, uint, byte[])>();
        var rest = masked.ToArray();
        while (rest.Length > 0)
        {
            (rest[1] & 0x80).Should().Be(0x80, "a client masks (RFC 6455, section 5.1)");
            rest[1] &= 0x7F;
            var header = FrameHeader.HeaderLengthOf(rest);
            var length = FrameHeader.LengthOf(rest) - header;
            var key = Masking.ReadKey(rest.AsSpan(header));
            var payload = new byte[length];
            Masking.Apply(rest.AsSpan(header + FrameHeader.MaskLength, length), payload, key);
            frames.Add((FrameHeader.OpcodeOf(rest), key, payload));
            rest = rest[(header + FrameHeader.MaskLength + length)..];
        }

        return frames;
    }
}
