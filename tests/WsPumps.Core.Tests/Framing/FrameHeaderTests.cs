using WsPumps.Framing;

namespace WsPumps.Core.Tests.Framing;

public sealed class FrameHeaderTests
{
    public static TheoryData<int, int> Boundaries => new()
    {
        { 0, 2 }, { 1, 2 }, { 125, 2 }, { 126, 4 }, { 127, 4 }, { 65_535, 4 }, { 65_536, 10 }, { 65_537, 10 }, { 16 * 1024 * 1024, 10 },
    };

    [Theory]
    [MemberData(nameof(Boundaries))]
    public async Task Write_AtABoundary_IsTheShortestHeaderOfOneWholeFrame(int payload, int header)
    {
        FrameHeader.LengthFor(payload).Should().Be(header);
        var frame = new byte[header + payload];
        FrameHeader.Write(frame, Opcode.Binary, payload);

        using var stream = new MemoryStream(frame);
        var reader = new FrameReader(stream);
        var read = await reader.ReadAsync();
        read!.Fin.Should().BeTrue();
        read.Opcode.Should().Be(WireOpcode.Binary);
        read.Payload.Should().HaveCount(payload);
        (await reader.ReadAsync()).Should().BeNull();
    }

    [Theory]
    [InlineData(int.MaxValue, new byte[] { 0x82, 127, 0, 0, 0, 0, 0x7F, 0xFF, 0xFF, 0xFF })]
    [InlineData(65_536, new byte[] { 0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0 })]
    [InlineData(65_535, new byte[] { 0x82, 126, 0xFF, 0xFF })]
    [InlineData(125, new byte[] { 0x82, 125 })]
    public void Write_AnyLength_IsBigEndian(int payload, byte[] expected)
    {
        var header = new byte[FrameHeader.LengthFor(payload)];
        FrameHeader.Write(header, Opcode.Binary, payload);

        header.Should().Equal(expected);
    }

    [Fact]
    public void OpcodeOf_EachOpcode_IsWhatWasWritten()
    {
        var header = new byte[2];
        foreach (var opcode in Enum.GetValues<Opcode>())
        {
            FrameHeader.Write(header, opcode, 0);
            FrameHeader.OpcodeOf(header).Should().Be(opcode);
        }
    }

    [Fact]
    public void ControlPayloadOf_Frame_IsWhatFollowsTheHeader() =>
        FrameHeader.ControlPayloadOf([0x8A, 2, 7, 9]).ToArray().Should().Equal(7, 9);
}
