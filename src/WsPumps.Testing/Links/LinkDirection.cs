using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using WsPumps.Diagnostics;

namespace WsPumps.Testing.Links;

/// <summary>Carries bytes one way: a pipe to write to, a pipe to read from, and a mover between them that knows faults.</summary>
internal sealed class LinkDirection
{
    /// <summary>How much arrives at most before it is read. What is on its way beside that is the window.</summary>
    private const int ArrivedBytes = 4 * 1024;

    private readonly Pipe _sent;
    private readonly Pipe _arrived;
    private readonly TimeProvider _time;
    private readonly Action _onCut;
    private readonly CancellationTokenSource _ended = new();
    private volatile bool _reset;

    /// <param name="window">How many bytes may be on their way before a writer has to wait.</param>
    /// <param name="writer">Runs a writer that waited.</param>
    /// <param name="reader">Runs a reader that waited.</param>
    /// <param name="time">The clock of delays.</param>
    /// <param name="onCut">Called when a fault breaks the connection.</param>
    public LinkDirection(int window, PipeScheduler writer, PipeScheduler reader, TimeProvider time, Action onCut)
    {
        _sent = new Pipe(Options(window, writer, PipeScheduler.Inline));
        _arrived = new Pipe(Options(ArrivedBytes, PipeScheduler.Inline, reader));
        (_time, _onCut) = (time, onCut);
    }

    public PipeWriter Writer => _sent.Writer;

    public PipeReader Reader => _arrived.Reader;

    public LinkFaults Faults { get; } = new();

    /// <summary>Moves bytes until the writer has completed, or the connection is broken. Never faults.</summary>
    /// <param name="onEnded">Called then.</param>
    public async Task RunAsync(Action onEnded)
    {
        var goesOn = true;
        while (goesOn)
        {
            var read = await _sent.Reader.ReadAsync().ConfigureAwait(false);
            goesOn = await MoveAsync(read.Buffer).ConfigureAwait(false) && !read.IsCompleted;
            if (goesOn)
                _sent.Reader.AdvanceTo(read.Buffer.End);
        }

        // As a socket does: who writes on is not told that nobody reads.
        await _sent.Reader.CompleteAsync().ConfigureAwait(false);
        await _arrived.Writer.CompleteAsync(_reset ? new ConnectionResetException("The connection was reset by the other side.") : null)
            .ConfigureAwait(false);
        onEnded();
    }

    /// <summary>No more bytes arrive: the reader sees the end, or the reset.</summary>
    public void End(bool reset)
    {
        if (_ended.IsCancellationRequested)
            return;

        _reset = reset;
        _ended.Cancel();
        _sent.Reader.CancelPendingRead();
        _arrived.Writer.CancelPendingFlush();
        Faults.Resume();
    }

    /// <returns>False when the direction has ended.</returns>
    private async ValueTask<bool> MoveAsync(ReadOnlySequence<byte> bytes)
    {
        await Faults.NotStalled.ConfigureAwait(false);
        while (!bytes.IsEmpty && !_ended.IsCancellationRequested)
        {
            var length = PieceOf(bytes.Length);
            if (length == 0)
            {
                // The cut is decided and comes when all rests: nothing arrives until then.
                Faults.Stall();
                await Faults.NotStalled.ConfigureAwait(false);
                continue;
            }

            var delay = DelayOf(length);
            if (delay > TimeSpan.Zero)
            {
                // Who waits for a delay goes on on the thread pool when it is cancelled.
                await CountedWork.Until(_time, Task.Delay(delay, _time, _ended.Token))
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            await Faults.NotStalled.ConfigureAwait(false);
            if (!_ended.IsCancellationRequested)
                await ArriveAsync(bytes.Slice(0, length)).ConfigureAwait(false);
            bytes = bytes.Slice(length);
        }

        return !_ended.IsCancellationRequested;
    }

    private long PieceOf(long waiting)
    {
        var length = Math.Min(waiting, Faults.Schedule?.PieceOf(waiting) ?? long.MaxValue);
        length = Math.Min(length, Math.Min(Faults.PieceSize ?? long.MaxValue, Faults.BytesPerSecond is { } rate
            ? Math.Max(1, rate / 10) : long.MaxValue));
        return Math.Min(length, Math.Min(Faults.BytesToCut ?? long.MaxValue, Faults.Schedule?.BytesToCut ?? long.MaxValue));
    }

    private TimeSpan DelayOf(long length) => Faults.Delay + (Faults.Schedule?.Delay ?? TimeSpan.Zero)
        + (Faults.BytesPerSecond is { } rate ? TimeSpan.FromSeconds(length / (double)rate) : TimeSpan.Zero);

    private async ValueTask ArriveAsync(ReadOnlySequence<byte> piece)
    {
        if (Faults.Schedule?.Garbage is { } garbage)
            _arrived.Writer.Write(garbage);
        foreach (var part in piece)
            _arrived.Writer.Write(part.Span);
        Faults.BytesToCut -= piece.Length;
        Faults.Schedule?.Arrived((int)piece.Length);
        await _arrived.Writer.FlushAsync().ConfigureAwait(false);
        if (Faults.BytesToCut is 0 || Faults.Schedule?.BytesToCut is 0)
            _onCut();
    }

    private static PipeOptions Options(int window, PipeScheduler writer, PipeScheduler reader) => new(
        readerScheduler: reader,
        writerScheduler: writer,
        pauseWriterThreshold: window,
        resumeWriterThreshold: Math.Max(1, window / 2),
        useSynchronizationContext: false);
}
