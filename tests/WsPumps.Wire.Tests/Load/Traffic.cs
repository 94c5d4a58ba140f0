namespace WsPumps.Wire.Tests.Load;

/// <summary>Messages of mixed sizes, text and binary, that can be told apart and checked byte by byte.</summary>
internal static class Traffic
{
    private static readonly int[] Sizes = [1, 2, 30, 125, 126, 128, 300, 1000, 40 * 1024];

    /// <summary>The first byte names the sender; all others follow from sender, number and place. ASCII, so that each can be text.</summary>
    public static byte[] Payload(char sender, int number)
    {
        var payload = new byte[Sizes[((number * 7) + (number / 50)) % (number % 25 == 0 ? Sizes.Length : Sizes.Length - 1)]];
        payload[0] = (byte)sender;
        for (var i = 1; i < payload.Length; i++)
            payload[i] = (byte)(' ' + ((i + (number * 31) + sender) % 95));
        return payload;
    }

    public static WireOpcode OpcodeOf(int number) => number % 2 == 0 ? WireOpcode.Text : WireOpcode.Binary;

    public static PreparedMessage Prepared(char sender, int number) => OpcodeOf(number) is WireOpcode.Text
        ? PreparedMessage.Text(Payload(sender, number))
        : PreparedMessage.Binary(Payload(sender, number));
}
