using System.Net.WebSockets;
using WsPumps.Compression;
using WsPumps.Framing;

namespace WsPumps.Transports;

/// <summary>A compressed message that is received in parts, as large as the buffers of whoever receives it.</summary>
/// <param name="decoder">The frames.</param>
/// <param name="kept">The inflater of a connection whose window is kept; null where there is one for each message.</param>
internal sealed class SocketInflation(FrameDecoder decoder, MessageInflater? kept)
{
    private const int PieceLength = 4096;

    private readonly byte[] _piece = new byte[PieceLength];
    private MessageInflater? _inflater;
    private Utf8Checker _utf8;
    private bool _isRead;
    private bool _endIsFed;

    /// <summary>Whether a message has begun and its end was not given yet.</summary>
    public bool IsActive { get; private set; }

    /// <summary>By how many bytes what was given is longer than what was taken.</summary>
    public long BytesInflated { get; private set; }

    /// <summary>Takes payload from the decoder. In a step of data, when everything of the piece before was given.</summary>
    public void Feed()
    {
        if (!IsActive)
            (IsActive, _isRead, _endIsFed, _utf8) = (true, false, false, default);
        _inflater ??= kept ?? new MessageInflater();
        var piece = _piece.AsMemory(0, decoder.Read(_piece));
        BytesInflated -= piece.Length;
        _isRead = decoder.MessageEnded;
        try
        {
            _inflater.Feed(piece);
        }
        catch (InvalidDataException)
        {
            decoder.Refuse(FrameError.Deflate);
        }
    }

    /// <summary>Gives what there is.</summary>
    /// <returns>False when more must be read first. What it says may be wrong: then the decoder refuses it.</returns>
    public bool TryRead(Span<byte> buffer, out int count, out bool isEnd)
    {
        (count, isEnd) = (0, false);
        try
        {
            count = _inflater!.Read(buffer);
            if (count == 0 && _isRead && !_endIsFed)
            {
                _endIsFed = true;
                _inflater.FeedEnd();
                count = _inflater.Read(buffer);
            }

            BytesInflated += count;
            isEnd = count == 0 && _endIsFed;
            if (isEnd && !_inflater.IsWhole())
                decoder.Refuse(FrameError.Deflate);
        }
        catch (InvalidDataException)
        {
            decoder.Refuse(FrameError.Deflate);
        }

        if (decoder.MessageType is WebSocketMessageType.Text && (!_utf8.Check(buffer[..count]) || (isEnd && !_utf8.IsComplete)))
            decoder.Refuse(FrameError.Utf8);
        if (isEnd)
            End();
        return decoder.Error is null && (isEnd || count > 0);
    }

    /// <summary>Whatever it is at: nothing more is received.</summary>
    public void Release() => End();

    private void End()
    {
        IsActive = false;
        if (kept is null)
            _inflater?.Dispose();
        _inflater = null;
    }
}
