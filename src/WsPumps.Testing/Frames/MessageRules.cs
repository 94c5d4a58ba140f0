using System.Buffers;
using System.Text;

namespace WsPumps.Testing.Frames;

/// <summary>What frames may follow each other, and what they may carry (RFC 6455, sections 5.4 to 5.6, 7.4 and 8.1).</summary>
internal sealed class MessageRules
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly ArrayBufferWriter<byte> _text = new();
    private WireOpcode? _unfinished;
    private bool _isCompressed;
    private bool _closed;

    public void Check(WireFrame frame)
    {
        if (_closed)
            throw new WireViolationException("A frame follows the close frame (section 5.5.1).");
        if (!Enum.IsDefined(frame.Opcode))
            throw new WireViolationException($"The opcode {frame.Opcode} is reserved (section 5.2).");

        if (frame.IsControl)
            CheckControl(frame);
        else
            CheckData(frame);
    }

    private void CheckControl(WireFrame frame)
    {
        if (!frame.Fin)
            throw new WireViolationException("A control frame is fragmented (section 5.5).");
        if (frame.Payload.Length > 125)
            throw new WireViolationException("A control frame has more than 125 bytes (section 5.5).");
        if (frame.Opcode is not WireOpcode.Close)
            return;

        _closed = true;
        if (frame.Payload.Length == 0)
            return;
        if (frame.Payload.Length == 1)
            throw new WireViolationException("A close frame has half a code (section 5.5.1).");
        if (frame.CloseCode is not ((>= 1000 and <= 1003) or (>= 1007 and <= 1014) or (>= 3000 and <= 4999)))
            throw new WireViolationException($"The close code {frame.CloseCode} may not be sent (section 7.4).");
        CheckUtf8(frame.Payload.AsSpan(2));
    }

    private void CheckData(WireFrame frame)
    {
        var starts = frame.Opcode is not WireOpcode.Continuation;
        if (starts == _unfinished is not null)
            throw new WireViolationException("Fragments are out of order (section 5.4).");

        var type = starts ? frame.Opcode : _unfinished;
        _unfinished = frame.Fin ? null : type;
        if (starts)
            _isCompressed = frame.IsCompressed;
        if (type is not WireOpcode.Text)
            return;

        _text.Write(frame.Payload);
        if (!frame.Fin)
            return;
        CheckUtf8(_isCompressed ? MessageDeflate.Inflate(_text.WrittenSpan.ToArray()) : _text.WrittenSpan);
        _text.ResetWrittenCount();
    }

    private static void CheckUtf8(ReadOnlySpan<byte> text)
    {
        try
        {
            Utf8.GetCharCount(text);
        }
        catch (DecoderFallbackException)
        {
            throw new WireViolationException("Text is not UTF-8 (section 8.1).");
        }
    }
}
