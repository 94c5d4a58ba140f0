using System.Net.WebSockets;
using System.Text;
using WsPumps.Core.Tests.Compression;
using WsPumps.Framing;
using WsPumps.Transports;

namespace WsPumps.Core.Tests.Sessions;

/// <summary>A connection that keeps what is written to it, and can be stalled or cut.</summary>
internal sealed class FakeConnection(CompressionAgreement? compression = null) : Transport
{
    private const byte Compressed = 0x40;

    private readonly Lock _lock = new();
    private readonly List<string> _texts = [];
    private TaskCompletionSource? _stall;
    private bool _isCut;
    private int _writesLeft = int.MaxValue;

    public string[] Texts
    {
        get
        {
            lock (_lock)
                return [.. _texts];
        }
    }

    /// <summary>How many of the texts came compressed.</summary>
    public int CompressedTexts { get; private set; }

    public bool IsAborted { get; private set; }

    public override CompressionAgreement? Compression => compression;

    public override bool SendsPings => true;

    public override bool MayBlock => false;

    public override WebSocketCloseStatus? PeerStatus => null;

    public override string? PeerReason => null;

    /// <summary>The next write stays under way until the connection is aborted.</summary>
    public void Stall() => _stall = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>So many writes more go through; all later ones fail.</summary>
    public void CutAfter(int writes) => _writesLeft = writes;

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> frames)
    {
        lock (_lock)
        {
            if (_isCut || IsAborted || _writesLeft-- <= 0)
            {
                _isCut = true;
                return ValueTask.FromException(new IOException("cut"));
            }

            if (_stall is not null)
                return new ValueTask(_stall.Task);

            for (int length; !frames.IsEmpty; frames = frames[length..])
            {
                length = FrameHeader.LengthOf(frames.Span);
                _texts.Add(Encoding.UTF8.GetString(PayloadOf(frames[..length])));
            }

            return default;
        }
    }

    private byte[] PayloadOf(ReadOnlyMemory<byte> frame)
    {
        var payload = FrameHeader.PayloadOf(frame);
        if ((frame.Span[0] & Compressed) == 0)
            return payload.ToArray();

        CompressedTexts++;
        return Deflated.Inflate(payload.Span);
    }

    public override ValueTask WriteCloseAsync(WebSocketCloseStatus status, string reason) => default;

    public override void Abort()
    {
        lock (_lock)
            IsAborted = true;
        _stall?.TrySetException(new IOException("aborted"));
    }
}
