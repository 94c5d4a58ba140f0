using System.Net.WebSockets;
using WsPumps.Framing;
using WsPumps.Transports;

namespace WsPumps;

/// <summary>
/// A WebSocket (RFC 6455) over any stream that carries bytes both ways, as an upgraded request does. Used by itself, it follows the
/// contract of the runtime's <see cref="WebSocket"/>; a <see cref="Client"/> that is created with it reads and writes many messages in one
/// step.
/// </summary>
/// <remarks>
/// One receive and one send run at a time; a second one waits for its turn. Pings are answered while a receive is in progress, and a write
/// that stalls does not stop the reading. It sends no pings unless <see cref="StreamWebSocketOptions.KeepAliveInterval"/> is set. Unlike
/// the runtime's, it requires lengths in their shortest form (RFC 6455, section 5.2), rejects text at the first wrong byte, is
/// <see cref="WebSocketState.Aborted"/> after every loss of the connection, and loses no close frame when it is disposed with
/// <see cref="DisposeAsync"/>. A receive returns what has arrived, and does not wait until the buffer is full.
/// </remarks>
public sealed class StreamWebSocket : WebSocket, IAsyncDisposable
{
    private readonly StreamWebSocketOptions _options;
    private FrameWriter? _writer;
    private SocketReceiver? _receiver;
    private SocketState _state;
    private bool _sendsFragments;
    private WebSocketCloseStatus? _closeStatus;
    private string? _closeReason;

    /// <param name="stream">Must allow an asynchronous read and write at the same time. The handshake must be complete.</param>
    /// <param name="options">Null for the defaults: a server.</param>
    public StreamWebSocket(Stream stream, StreamWebSocketOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        _options = options ?? new StreamWebSocketOptions();
        Stream = stream;
        Decoder = new FrameDecoder(stream, isMasked: _options.IsServer, mayCompress: _options.Compression is not null);
        if (_options.KeepAliveInterval > TimeSpan.Zero)
            KeepAlive = new SocketKeepAlive(this, _options);
    }

    /// <inheritdoc/>
    public override WebSocketCloseStatus? CloseStatus => _closeStatus;

    /// <inheritdoc/>
    public override string? CloseStatusDescription => _closeReason;

    /// <inheritdoc/>
    public override string? SubProtocol => _options.SubProtocol;

    /// <inheritdoc/>
    public override WebSocketState State => _state.Current;

    internal Stream Stream { get; }

    internal FrameDecoder Decoder { get; }

    internal SocketKeepAlive? KeepAlive { get; }

    internal StreamWebSocketOptions Options => _options;

    private FrameWriter Writer =>
        _writer ?? Interlocked.CompareExchange(ref _writer, new(Stream, !_options.IsServer, _options.NeedsFlush, Abort), null) ?? _writer;

    private SocketReceiver Receiver => _receiver ?? Interlocked.CompareExchange(ref _receiver, new(this, Decoder), null) ?? _receiver;

    /// <inheritdoc/>
    /// <remarks>A buffer of no bytes waits for a message without holding memory for it. It also receives an empty message.</remarks>
    public override ValueTask<ValueWebSocketReceiveResult> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken) =>
        _state.Refusal(WebSocketState.Open, WebSocketState.CloseSent) is { } refusal
            ? ValueTask.FromException<ValueWebSocketReceiveResult>(refusal)
            : Receiver.ReceiveAsync(buffer, cancellationToken);

    /// <inheritdoc/>
    public override async Task<WebSocketReceiveResult> ReceiveAsync(ArraySegment<byte> buffer, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(buffer.Array, nameof(buffer));
        var result = await ReceiveAsync(buffer.AsMemory(), cancellationToken).ConfigureAwait(false);
        return result.MessageType is WebSocketMessageType.Close
            ? new WebSocketReceiveResult(0, WebSocketMessageType.Close, endOfMessage: true, _closeStatus, _closeReason)
            : new WebSocketReceiveResult(result.Count, result.MessageType, result.EndOfMessage);
    }

    /// <inheritdoc/>
    public override Task SendAsync(ArraySegment<byte> buffer, WebSocketMessageType messageType, bool endOfMessage,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(buffer.Array, nameof(buffer));
        return SendAsync(buffer.AsMemory(), messageType, endOfMessage, cancellationToken).AsTask();
    }

    /// <inheritdoc/>
    public override ValueTask SendAsync(ReadOnlyMemory<byte> buffer, WebSocketMessageType messageType, bool endOfMessage,
        CancellationToken cancellationToken)
    {
        if (messageType is not (WebSocketMessageType.Text or WebSocketMessageType.Binary))
        {
            throw new ArgumentException($"A message is text or binary, not {messageType}. A connection is closed with " +
                $"{nameof(CloseOutputAsync)}.", nameof(messageType));
        }

        if (_state.Refusal(WebSocketState.Open, WebSocketState.CloseReceived) is { } refusal)
            return ValueTask.FromException(refusal);

        var opcode = _sendsFragments ? Opcode.Continuation : messageType is WebSocketMessageType.Text ? Opcode.Text : Opcode.Binary;
        _sendsFragments = !endOfMessage;
        return WriteAsync(opcode, buffer, endOfMessage, cancellationToken);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The code may not be sent, or the description has more than 123 bytes of UTF-8.</exception>
    public override async Task CloseAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken)
    {
        var body = Framing.CloseStatus.Body(closeStatus, statusDescription);
        if (_state.Refusal(WebSocketState.Open, WebSocketState.CloseReceived, WebSocketState.CloseSent) is { } refusal)
            throw refusal;

        if (!_state.Has(SocketState.CloseSent))
            await WriteCloseAsync(body, cancellationToken).ConfigureAwait(false);
        var discarded = new byte[FrameDecoder.BufferSize];
        while (!_state.Has(SocketState.CloseReceived))
            await Receiver.ReceiveAsync(discarded, cancellationToken).ConfigureAwait(false);
        await DisposeAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The code may not be sent, or the description has more than 123 bytes of UTF-8.</exception>
    public override async Task CloseOutputAsync(WebSocketCloseStatus closeStatus, string? statusDescription,
        CancellationToken cancellationToken)
    {
        var body = Framing.CloseStatus.Body(closeStatus, statusDescription);
        if (_state.Refusal(WebSocketState.Open, WebSocketState.CloseReceived) is { } refusal)
            throw refusal;

        await WriteCloseAsync(body, cancellationToken).ConfigureAwait(false);
        if (State is WebSocketState.Closed)
            await DisposeAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override void Abort()
    {
        KeepAlive?.Dispose();
        _state.Add(SocketState.Aborted);
        if (_options.Abort is { } abort)
            abort();
        else
            Stream.Dispose();
    }

    /// <summary>Ends it at once. What was last written may not reach the peer; <see cref="DisposeAsync"/> makes sure that it can.</summary>
    public override void Dispose()
    {
        KeepAlive?.Dispose();
        if (!_state.Add(SocketState.Disposed) && !_options.LeaveOpen)
            Stream.Dispose();
    }

    /// <summary>
    /// Waits until the peer has closed its end too, if a close frame was sent to it, and at most
    /// <see cref="StreamWebSocketOptions.CloseTimeout"/>. A connection that is closed with bytes left to read is reset by TCP, and the
    /// peer loses what was last sent to it.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (_state.Has(SocketState.CloseSent) && !_state.Has(SocketState.Aborted | SocketState.Disposed | SocketState.Owned))
            await LingerAsync().ConfigureAwait(false);
        Dispose();
    }

    /// <summary>Takes the socket for a client's pumps. What was read already stays in the <see cref="Decoder"/>.</summary>
    internal void TakeOver()
    {
        if (_state.Add(SocketState.Owned))
            throw new InvalidOperationException("The connection has a client already. Make one client for each connection.");
        KeepAlive?.Dispose();
    }

    /// <summary>Notes that the close frame is written next, by whoever has taken the socket.</summary>
    internal void CloseLeaves() => _state.Add(SocketState.CloseSent);

    /// <summary>Notes the peer's close frame. One without a code counts as 1000, as with the runtime's.</summary>
    internal void Closed(ReadOnlySpan<byte> body)
    {
        (_closeStatus, _closeReason) = body.IsEmpty ? (WebSocketCloseStatus.NormalClosure, "") : Framing.CloseStatus.Parse(body);
        _state.Add(SocketState.CloseReceived);
    }

    /// <summary>The peer broke a rule: tells it which, unless a close frame was sent before.</summary>
    internal async Task FailAsync(FrameError error)
    {
        if (!_state.Has(SocketState.CloseSent))
            await WriteCloseAsync(Framing.CloseStatus.Body(error.Status, error.Text), CancellationToken.None).ConfigureAwait(false);
        _state.Add(SocketState.Faulted);
    }

    /// <summary>Never waits. A write that fails means that the connection is lost.</summary>
    internal Task SendControlAsync(Opcode opcode, ReadOnlySpan<byte> payload) => ObserveAsync(Writer.WriteControlAsync(opcode, payload));

    internal Exception Lost(Exception exception, CancellationToken cancellationToken) => _state.Lost(exception, cancellationToken);

    private async ValueTask WriteAsync(Opcode opcode, ReadOnlyMemory<byte> payload, bool isFinal, CancellationToken cancellationToken)
    {
        bool written;
        try
        {
            written = await Writer.WriteAsync(opcode, payload, isFinal, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            throw _state.Lost(exception, cancellationToken);
        }

        if (!written)
            throw new WebSocketException(WebSocketError.InvalidState, "A close frame was sent: nothing may follow it.");
    }

    private ValueTask WriteCloseAsync(byte[] body, CancellationToken cancellationToken)
    {
        _state.Add(SocketState.CloseSent);
        return WriteAsync(Opcode.Close, body, isFinal: true, cancellationToken);
    }

    private async Task ObserveAsync(ValueTask writing)
    {
        try
        {
            await writing.ConfigureAwait(false);
        }
        catch (Exception exception) when (ConnectionErrors.IsConnectionLost(exception))
        {
            Abort();
        }
    }

    private async Task LingerAsync()
    {
        using var limit = new CancellationTokenSource(_options.CloseTimeout, _options.TimeProvider);
        try
        {
            await Receiver.LingerAsync(limit.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (ConnectionErrors.IsConnectionLost(exception))
        {
            // It was lost, or the peer took too long: then nothing is left to wait for.
            Abort();
        }
    }
}
