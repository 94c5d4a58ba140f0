using WsPumps.Framing;

namespace WsPumps.Core.Tests.Framing;

public sealed class CloseSeekerTests
{
    [Fact]
    public void Find_BytesCutAnywhere_FindsTheEndOfTheCloseFrame()
    {
        byte[] bytes =
        [
            .. ClientFrame.Text("text"), .. ClientFrame.Binary(new byte[300]), .. ClientFrame.Build(WireOpcode.Binary, new byte[70_000]),
            .. ClientFrame.Build((WireOpcode)0x3, "reserved"u8, reservedBits: 7), .. ClientFrame.Build(WireOpcode.Text, "unmasked"u8, mask: null),
            .. ClientFrame.Ping("ping"u8), .. ClientFrame.Close(1000, "bye"),
        ];
        for (var size = 1; size < 600; size += 7)
        {
            var seeker = new CloseSeeker(payloadLeft: 0);
            var at = 0;
            for (; at + size < bytes.Length; at += size)
                seeker.Find(bytes.AsSpan(at, size)).Should().BeFalse();
            seeker.Find(bytes.AsSpan(at)).Should().BeTrue();
            seeker.Body.Should().Equal([0x03, 0xE8, .. "bye"u8]);
        }
    }

    [Fact]
    public void Find_InsideAPayload_SkipsTheRestOfIt()
    {
        var seeker = new CloseSeeker(payloadLeft: 5);
        seeker.Find([0x88, 0x80, 0, 0]).Should().BeFalse();
        seeker.Find([0, .. ClientFrame.Close()]).Should().BeTrue();
    }
}
