using System.Buffers;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using WsPumps.Framing;
using WsPumps.Lifetime;
using WsPumps.Transports;

namespace WsPumps;

/// <summary>
/// A stream to put under the runtime's <see cref="System.Net.WebSockets.WebSocket"/>, so that a <see cref="Client"/> can write
/// frames straight to the wire while the WebSocket goes on reading.
/// </summary>
/// <remarks>
/// What the WebSocket reads passes through and is watched for signs of life. What it writes by itself (pongs, and the close
/// frame of a protocol error) is handed to the client's write pump and completes at once, so that a stalled write never
/// stops the reading. Until a client takes the gate, everything passes through. Endpoints put a gate under each of their
/// connections; make one yourself for a server of your own.
/// </remarks>
public sealed class FrameGate : Stream
{
    private readonly Action _abort;
    private FrameScanner _scanner;
    private ReadAhead _ahead;
    private ControlFrames? _control;

    /// <param name="wire">The upgraded stream of the connection. It is not disposed with the gate: its server ends it with the request.</param>
    /// <param name="abort">Tears the connection down, so that a read and a write that are under way end. Called from any thread.</param>
    /// <param name="socket">
    /// The TCP socket that <paramref name="wire"/> ends in, where nothing lies between the two that changes bytes (TLS, logging). Frames
    /// are then written straight to it, once it is certain that the server has nothing left to send; it is made non-blocking then. Null: never.
    /// </param>
    /// <param name="writesFlush">Whether a write to <paramref name="wire"/> goes out without a flush behind it.</param>
    public FrameGate(Stream wire, Action abort, Socket? socket = null, bool writesFlush = false)
    {
        ArgumentNullException.ThrowIfNull(wire);
        ArgumentNullException.ThrowIfNull(abort);
        Wire = wire;
        Socket = socket;
        WritesFlush = writesFlush;
        _abort = abort;
    }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>
    /// Whether the WebSocket has met a protocol error and written its close frame. It tears the connection down next; to be
    /// ignored, because the close frame waits behind queued messages. The client ends the connection when it has left.
    /// </summary>
    public bool IsFailing { get; private set; }

    /// <summary>Whether the peer's close frame has come by, as far as its bytes can still be told apart after a protocol error.</summary>
    internal bool HasSeenClose { get; private set; }

    internal Stream Wire { get; }

    internal Socket? Socket { get; }

    /// <summary>The TCP socket of the connection, whatever lies between: it can tell that the connection is lost.</summary>
    public Socket? Connection { get; init; }

    internal bool WritesFlush { get; }

    internal void Attach(ControlFrames control)
    {
        if (Interlocked.CompareExchange(ref _control, control, null) is not null)
            throw new InvalidOperationException("The connection has a client already. Make one client for each connection.");
    }

    internal void Abort() => _abort();

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_control is null)
            return Wire.ReadAsync(buffer, cancellationToken);
        if (!_ahead.IsEmpty)
            return new ValueTask<int>(_ahead.Take(buffer.Span));

        // A read of no bytes only waits, for as long as the connection is idle: it must cost neither a buffer nor a state machine.
        if (buffer.IsEmpty)
            return Wire.ReadAsync(buffer, cancellationToken);

        return buffer.Length < ReadAhead.Size
            ? ReadAheadAsync(buffer, _control, cancellationToken)
            : WatchAsync(Wire.ReadAsync(buffer, cancellationToken), buffer, _control);
    }

    /// <summary>The runtime writes each frame whole, header first, with one call.</summary>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_control is null)
            return Wire.WriteAsync(buffer, cancellationToken);

        var frame = buffer.Span;
        switch (FrameHeader.OpcodeOf(frame))
        {
            case Opcode.Pong:
                _control.SendPong(FrameHeader.ControlPayloadOf(frame));
                return default;

            case Opcode.Close:
                IsFailing = true;
                _control.Fail(FrameHeader.ControlPayloadOf(frame));
                return default;

            default:
                throw new InvalidOperationException("This WebSocket belongs to a client, whose pump is the only writer. Write through IClient.");
        }
    }

    /// <inheritdoc/>
    public override Task FlushAsync(CancellationToken cancellationToken) =>
        _control is null ? Wire.FlushAsync(cancellationToken) : Task.CompletedTask;

    /// <inheritdoc/>
    public override void Flush() => throw AsynchronousOnly();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw AsynchronousOnly();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw AsynchronousOnly();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> WatchAsync(ValueTask<int> reading, Memory<byte> buffer, ControlFrames control)
    {
        var length = await reading.ConfigureAwait(false);
        Watch(buffer.Span[..length], control);
        return length;
    }

    private ValueTask<int> ReadAheadAsync(Memory<byte> buffer, ControlFrames control, CancellationToken cancellationToken)
    {
        var ahead = ArrayPool<byte>.Shared.Rent(ReadAhead.Size);
        var reading = Wire.ReadAsync(ahead, cancellationToken);
        return reading.IsCompletedSuccessfully
            ? new ValueTask<int>(Take(ahead, reading.Result, buffer.Span, control))
            : TakeAsync(reading, ahead, buffer, control);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> TakeAsync(ValueTask<int> reading, byte[] ahead, Memory<byte> buffer, ControlFrames control) =>
        Take(ahead, await reading.ConfigureAwait(false), buffer.Span, control);

    private int Take(byte[] ahead, int length, Span<byte> buffer, ControlFrames control)
    {
        Watch(ahead.AsSpan(0, length), control);
        _ahead.Fill(ahead, length);
        return _ahead.Take(buffer);
    }

    private void Watch(ReadOnlySpan<byte> bytes, ControlFrames control)
    {
        if (bytes.IsEmpty)
            return;

        control.BytesReceived();
        while (_scanner.NextControlFrame(ref bytes, out var opcode, out var payload))
        {
            HasSeenClose |= opcode is Opcode.Close;
            control.Received(opcode, payload);
        }
    }

    private static NotSupportedException AsynchronousOnly() => new("The gate is asynchronous only, as the runtime's WebSocket is.");
}
