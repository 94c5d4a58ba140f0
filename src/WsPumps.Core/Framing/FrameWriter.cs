using System.Buffers;
using System.Security.Cryptography;

namespace WsPumps.Framing;

/// <summary>
/// Frames of a <see cref="StreamWebSocket"/> that is used by itself, one after the other: those who write take turns. Pings and pongs wait
/// for nobody: whoever has the turn writes them behind its own frame.
/// </summary>
internal sealed class FrameWriter(Stream stream, bool isMasked, bool flushes, Action abort)
{
    /// <summary>A peer that sends more pings while none can be answered gets the answers to the latest (RFC 6455, section 5.5.3).</summary>
    private const int MaxControls = 16;

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Queue<(Opcode Opcode, byte[] Payload)> _controls = new();
    private bool _isClosed;

    /// <summary>Writes one frame.</summary>
    /// <param name="opcode">The frame's type.</param>
    /// <param name="payload">Its payload.</param>
    /// <param name="isFinal">Whether the message ends with it.</param>
    /// <param name="cancellationToken">Ends the waiting for the turn. A write that is under way is aborted: half a frame cannot be taken
    /// back.</param>
    /// <returns>False when a close frame was written before: nothing may follow it.</returns>
    public async ValueTask<bool> WriteAsync(Opcode opcode, ReadOnlyMemory<byte> payload, bool isFinal, CancellationToken cancellationToken)
    {
        bool written;
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            using var aborting = cancellationToken.UnsafeRegister(static abort => ((Action)abort!)(), abort);
            written = await WriteFrameAsync(opcode, payload, isFinal, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }

        await WriteControlsAsync().ConfigureAwait(false);
        return written;
    }

    /// <summary>Writes a ping or a pong.</summary>
    /// <returns>Completes when nothing is left waiting, or another caller has the turn and will write it.</returns>
    public ValueTask WriteControlAsync(Opcode opcode, ReadOnlySpan<byte> payload)
    {
        var control = (opcode, payload.ToArray());
        lock (_controls)
        {
            if (_controls.Count == MaxControls)
                _controls.Dequeue();
            _controls.Enqueue(control);
        }

        return WriteControlsAsync();
    }

    private async ValueTask WriteControlsAsync()
    {
        while (HasControls && _turn.Wait(0, CancellationToken.None))
        {
            try
            {
                while (TakeControl() is ({ } opcode, { } payload))
                    await WriteFrameAsync(opcode, payload, isFinal: true, CancellationToken.None).ConfigureAwait(false);
            }
            finally
            {
                _turn.Release();
            }
        }
    }

    private bool HasControls
    {
        get
        {
            lock (_controls)
                return _controls.Count > 0;
        }
    }

    private (Opcode Opcode, byte[] Payload)? TakeControl()
    {
        lock (_controls)
            return _controls.TryDequeue(out var control) ? control : null;
    }

    private async ValueTask<bool> WriteFrameAsync(Opcode opcode, ReadOnlyMemory<byte> payload, bool isFinal,
        CancellationToken cancellationToken)
    {
        if (_isClosed)
            return false;

        _isClosed = opcode is Opcode.Close;
        var buffer = ArrayPool<byte>.Shared.Rent(FrameHeader.MaxLength + FrameHeader.MaskLength + payload.Length);
        try
        {
            await stream.WriteAsync(buffer.AsMemory(0, Encode(buffer, opcode, payload.Span, isFinal)), cancellationToken)
                .ConfigureAwait(false);
            if (flushes)
                await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private int Encode(Span<byte> buffer, Opcode opcode, ReadOnlySpan<byte> payload, bool isFinal)
    {
        FrameHeader.Write(buffer, opcode, payload.Length, isFinal, isMasked);
        var length = FrameHeader.LengthFor(payload.Length);
        if (!isMasked)
        {
            payload.CopyTo(buffer[length..]);
            return length + payload.Length;
        }

        var key = buffer.Slice(length, FrameHeader.MaskLength);
        RandomNumberGenerator.Fill(key);
        length += FrameHeader.MaskLength;
        Masking.Apply(payload, buffer[length..], Masking.ReadKey(key));
        return length + payload.Length;
    }
}
