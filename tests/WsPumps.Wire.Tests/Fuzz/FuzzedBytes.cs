namespace WsPumps.Tests.Shared;

/// <summary>What a client may send in its worst hour: frames, broken frames, and bytes that were never frames.</summary>
internal sealed class FuzzedBytes(Random random)
{
    private static readonly WireOpcode[] Opcodes =
        [WireOpcode.Text, WireOpcode.Text, WireOpcode.Binary, WireOpcode.Binary, WireOpcode.Continuation, WireOpcode.Ping, WireOpcode.Pong, WireOpcode.Close];

    public byte[] Make()
    {
        var bytes = new List<byte>();
        for (var parts = random.Next(1, 12); parts > 0; parts--)
            bytes.AddRange(Part());

        return random.Next(5) == 0 ? [.. bytes.Take(random.Next(bytes.Count + 1))] : [.. bytes];
    }

    private byte[] Part() => random.Next(10) switch
    {
        < 6 => Frame(),
        < 9 => Mutated(Frame()),
        _ => Bytes(random.Next(1, 300)),
    };

    private byte[] Frame()
    {
        var opcode = Opcodes[random.Next(Opcodes.Length)];
        return ClientFrame.Build(
            opcode,
            PayloadFor(opcode),
            fin: opcode >= WireOpcode.Close || random.Next(4) > 0,
            mask: (uint)random.NextInt64(uint.MaxValue),
            lengthBytes: random.Next(20) switch { 0 => 2, 1 => 8, _ => 0 });
    }

    private byte[] PayloadFor(WireOpcode opcode) => opcode switch
    {
        WireOpcode.Close => [(byte)random.Next(3, 6), (byte)random.Next(256), .. Letters(random.Next(20))],
        WireOpcode.Ping or WireOpcode.Pong => Bytes(random.Next(126)),
        WireOpcode.Binary => Bytes(Length()),
        _ => Letters(Length()),
    };

    /// <summary>Once in a while a message that is too big.</summary>
    private int Length() => random.Next(60) == 0 ? 70_000 : random.Next(400);

    private byte[] Mutated(byte[] frame)
    {
        // Most of them in the header, where they tell.
        for (var flips = random.Next(1, 4); flips > 0; flips--)
            frame[random.Next(random.Next(2) == 0 ? Math.Min(14, frame.Length) : frame.Length)] ^= (byte)(1 << random.Next(8));
        return frame;
    }

    private byte[] Letters(int length) => [.. Bytes(length).Select(value => (byte)('a' + (value % 26)))];

    private byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }
}
