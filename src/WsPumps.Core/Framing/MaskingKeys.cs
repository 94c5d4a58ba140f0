using System.Security.Cryptography;

namespace WsPumps.Framing;

/// <summary>Keys that nobody can predict, drawn many at a time: the generator's price is that of a call, not that of a byte.</summary>
internal sealed class MaskingKeys
{
    private readonly byte[] _drawn = new byte[256];
    private int _left;

    public uint Next()
    {
        if (_left == 0)
        {
            RandomNumberGenerator.Fill(_drawn);
            _left = _drawn.Length;
        }

        _left -= FrameHeader.MaskLength;
        return Masking.ReadKey(_drawn.AsSpan(_left));
    }
}
