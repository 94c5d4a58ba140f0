using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;

namespace WsPumps.Framing;

/// <summary>Whether bytes are UTF-8, as they come: a wrong one is found with the piece that it is in, wherever the text is cut.</summary>
/// <remarks>A mutable struct: the field it lives in belongs to the one reader.</remarks>
internal struct Utf8Checker
{
    private const int MaxSequence = 4;

    /// <summary>The beginning of a character whose rest has not come: up to three bytes, the first one lowest.</summary>
    private uint _begun;
    private int _begunLength;

    /// <summary>Whether the text so far ends with a whole character.</summary>
    public readonly bool IsComplete => _begunLength == 0;

    /// <returns>False when no bytes that follow could make it UTF-8.</returns>
    public bool Check(ReadOnlySpan<byte> piece)
    {
        if (_begunLength > 0 && !Continue(ref piece))
            return false;

        var whole = piece.Length - Unfinished(piece);
        return Utf8.IsValid(piece[..whole]) && Begin(piece[whole..]);
    }

    public void Reset() => (_begun, _begunLength) = (0, 0);

    /// <summary>Takes from the piece what the character that was begun still needs.</summary>
    private bool Continue(ref ReadOnlySpan<byte> piece)
    {
        Span<byte> sequence = stackalloc byte[MaxSequence];
        MemoryMarshal.Write(sequence, _begun);
        while (!piece.IsEmpty)
        {
            sequence[_begunLength++] = piece[0];
            piece = piece[1..];
            var status = Rune.DecodeFromUtf8(sequence[.._begunLength], out _, out _);
            if (status is OperationStatus.NeedMoreData)
                continue;

            Reset();
            return status is OperationStatus.Done;
        }

        _begun = MemoryMarshal.Read<uint>(sequence);
        return true;
    }

    private bool Begin(ReadOnlySpan<byte> sequence)
    {
        if (sequence.IsEmpty)
            return true;
        if (Rune.DecodeFromUtf8(sequence, out _, out _) is not OperationStatus.NeedMoreData)
            return false;

        Span<byte> begun = stackalloc byte[MaxSequence];
        begun.Clear();
        sequence.CopyTo(begun);
        (_begun, _begunLength) = (MemoryMarshal.Read<uint>(begun), sequence.Length);
        return true;
    }

    /// <summary>How many bytes at the end begin a character that goes on behind them.</summary>
    private static int Unfinished(ReadOnlySpan<byte> piece)
    {
        for (var length = 1; length < MaxSequence && length <= piece.Length; length++)
        {
            var lead = piece[^length];
            if (lead < 0x80)
                return 0;
            if (lead >= 0xC0)
                return SequenceLength(lead) > length ? length : 0;
        }

        return 0;
    }

    private static int SequenceLength(byte lead) => lead switch { >= 0xF0 => 4, >= 0xE0 => 3, _ => 2 };
}
