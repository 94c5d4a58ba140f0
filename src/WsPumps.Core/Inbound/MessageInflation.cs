using System.Net.WebSockets;
using System.Text.Unicode;
using WsPumps.Compression;
using WsPumps.Framing;

namespace WsPumps.Inbound;

/// <summary>
/// Turns compressed messages into what they were. The limit is one on what comes out: a little that becomes much is refused on the way.
/// </summary>
internal sealed class MessageInflation(int maxMessageSize, bool keepsWindow) : IDisposable
{
    private readonly MessageInflater? _kept = keepsWindow ? new MessageInflater(keepsWindow: true) : null;
    private MessageBuffer _inflated;

    /// <summary>The inflater that keeps its window; null where there is one for each message.</summary>
    public MessageInflater? Kept => _kept;

    /// <summary>Puts the message in the place of the compressed one, or releases both.</summary>
    public (ReadOutcome Outcome, FrameError? Error) Inflate(ref ReceivedMessage message)
    {
        var compressed = message;
        message = default;
        var inflater = _kept ?? new MessageInflater();
        try
        {
            inflater.Feed(compressed.Payload);
            var fits = ReadAll(inflater, compressed.Length);
            inflater.FeedEnd();
            if (!fits || !ReadAll(inflater, compressed.Length))
                return (ReadOutcome.TooBig, null);
            if (!inflater.IsWhole())
                return (ReadOutcome.Faulted, FrameError.Deflate);

            var inflated = _inflated.Take(compressed.Type);
            if (inflated.Type is WebSocketMessageType.Text && !Utf8.IsValid(inflated.Payload.Span))
            {
                inflated.Release();
                return (ReadOutcome.Faulted, FrameError.Utf8);
            }

            message = inflated;
            return (ReadOutcome.Message, null);
        }
        catch (InvalidDataException)
        {
            return (ReadOutcome.Faulted, FrameError.Deflate);
        }
        finally
        {
            _inflated.Clear();
            compressed.Release();
            if (inflater != _kept)
                inflater.Dispose();
        }
    }

    public void Dispose() => _kept?.Dispose();

    /// <returns>False when the limit is passed.</returns>
    private bool ReadAll(MessageInflater inflater, int hint)
    {
        while (true)
        {
            // One byte more than the limit tells a message that just fits from one that does not.
            var limit = maxMessageSize + 1 - _inflated.Length;
            _inflated.MakeRoom(0, Math.Min(limit, Math.Max(hint * 4, 256)));
            var room = _inflated.Room.Span;
            var count = inflater.Read(room[..Math.Min(room.Length, limit)]);
            _inflated.Add(count);
            if (count == 0 || _inflated.Length > maxMessageSize)
                return count == 0;
        }
    }
}
