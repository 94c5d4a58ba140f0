using WsPumps.Compression;
using WsPumps.Framing;
using WsPumps.Transports;

namespace WsPumps.Inbound;

/// <summary>Puts what frames carry into the stream of their message, inflated where it is compressed.</summary>
/// <param name="input">What is received as a stream.</param>
/// <param name="decoder">The frames.</param>
/// <param name="inflater">Gives the inflater that keeps its window; null where none does.</param>
internal sealed class StreamedFrames(StreamedInput input, FrameDecoder decoder, Func<MessageInflater?> inflater)
{
    private SocketInflation? _inflation;
    private ReadOutcome? _filled;

    /// <inheritdoc cref="MessageReader.BytesInflated"/>
    public long BytesInflated => _inflation?.BytesInflated ?? 0;

    public bool Wants => input.Wants(decoder.MessageType);

    public IncomingStream Begin() => new(decoder.MessageType, input);

    /// <summary>Waits without a buffer until bytes are there: till then, a read that waits can be cancelled. Then reads.</summary>
    public ValueTask<int> FillAsync(IncomingStream stream)
    {
        if (decoder.HasBytes && decoder.PayloadLeft > 0 && !decoder.IsCompressed)
            return decoder.FillAsync(stream.RoomNow(), CancellationToken.None);

        stream.NoRoom();
        return decoder.FillAsync(default, CancellationToken.None);
    }

    /// <summary>Bytes have come to the room for them.</summary>
    public void Filled(IncomingStream stream, int count)
    {
        if (count > 0 && decoder.Error is null)
            _filled = stream.Add(count, decoder.MessageEnded);
    }

    /// <summary>Gives what is there before more is decoded.</summary>
    public bool TryContinue(IncomingStream stream, out ReadOutcome outcome)
    {
        if (_filled is not { } filled)
            return TryInflate(stream, out outcome);

        (_filled, outcome) = (null, filled);
        return true;
    }

    /// <summary>In a step of data.</summary>
    /// <returns>False when it has brought nothing, or what it says is wrong.</returns>
    public bool TryRead(IncomingStream stream, out ReadOutcome outcome)
    {
        outcome = ReadOutcome.StreamTooBig;
        if (decoder.IsCompressed)
        {
            _inflation ??= new SocketInflation(decoder, inflater());
            _inflation.Feed();
            return TryInflate(stream, out outcome);
        }

        if (decoder.PayloadLeft > (ulong)stream.Left)
            return true;

        var count = decoder.Read(stream.RoomNow().Span);
        return TryAdd(stream, count, decoder.MessageEnded, out outcome);
    }

    public void Release() => _inflation?.Release();

    private bool TryInflate(IncomingStream stream, out ReadOutcome outcome)
    {
        outcome = default;
        return _inflation is { IsActive: true } && _inflation.TryRead(stream.RoomNow().Span, out var count, out var isEnd)
            && TryAdd(stream, count, isEnd, out outcome);
    }

    private bool TryAdd(IncomingStream stream, int count, bool isEnd, out ReadOutcome outcome)
    {
        outcome = default;
        if (decoder.Error is not null || (count == 0 && !isEnd))
            return false;

        outcome = stream.Add(count, isEnd);
        return true;
    }
}
