using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using WsPumps.Compression;
using WsPumps.Framing;

namespace WsPumps.Transports;

/// <summary>What a <see cref="StreamWebSocket"/> that is used by itself receives, one call after the other.</summary>
internal sealed class SocketReceiver(StreamWebSocket socket, FrameDecoder decoder)
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private SocketInflation? _inflation;

    private static ValueWebSocketReceiveResult CloseResult => new(0, WebSocketMessageType.Close, endOfMessage: true);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<ValueWebSocketReceiveResult> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        using var aborting = cancellationToken.UnsafeRegister(static socket => ((StreamWebSocket)socket!).Abort(), socket);
        try
        {
            await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                socket.KeepAlive?.IsReceiving = true;
                // Somebody who waited at the same time may have received it.
                return socket.CloseStatus is null ? await NextAsync(buffer, cancellationToken).ConfigureAwait(false) : CloseResult;
            }
            finally
            {
                socket.KeepAlive?.IsReceiving = false;
                _turn.Release();
            }
        }
        catch (Exception exception) when (exception is not WebSocketException)
        {
            throw socket.Lost(exception, cancellationToken);
        }
    }

    /// <summary>Reads and forgets, until the peer has closed.</summary>
    public async Task LingerAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        await decoder.FindCloseAsync((pause, ended) => Task.Delay(pause, socket.Options.TimeProvider, ended), cancellationToken)
            .ConfigureAwait(false);
        // Only then does a client close: the port of the one that does so first stays taken for a while (RFC 6455, section 7.1.1).
        var rest = socket.Options.IsServer ? null : new byte[FrameDecoder.BufferSize];
        while (rest is not null && await socket.Stream.ReadAsync(rest, cancellationToken).ConfigureAwait(false) > 0)
        {
            // Whatever comes behind a close frame has no meaning.
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ValueWebSocketReceiveResult> NextAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (true)
        {
            var count = 0;
            var isEnd = false;
            if (_inflation is { IsActive: true } && (buffer.IsEmpty || _inflation.TryRead(buffer.Span, out count, out isEnd)))
                return new ValueWebSocketReceiveResult(count, decoder.MessageType, isEnd);

            switch (decoder.Next())
            {
                case FrameStep.Data when buffer.IsEmpty && decoder.PayloadLeft > 0:
                    return new ValueWebSocketReceiveResult(0, decoder.MessageType, endOfMessage: false);
                case FrameStep.Data when decoder.IsCompressed:
                    _inflation ??= new SocketInflation(
                        decoder, socket.Options.Compression!.PeerKeepsContext ? new MessageInflater(keepsWindow: true) : null);
                    _inflation.Feed();
                    continue;
                case FrameStep.Data:
                    count = decoder.Read(buffer.Span);
                    break;
                case FrameStep.Ping:
                    _ = socket.SendControlAsync(Opcode.Pong, decoder.ControlPayload);
                    break;
                case FrameStep.Pong:
                    break;
                case FrameStep.Close:
                    socket.Closed(decoder.ControlPayload);
                    return CloseResult;
                case FrameStep.Error:
                    throw await FaultedAsync(decoder.Error!).ConfigureAwait(false);
                default:
                    if (!decoder.Filled(await decoder.FillAsync(_inflation is { IsActive: true } ? default : buffer, cancellationToken)
                        .ConfigureAwait(false), out count))
                    {
                        throw new EndOfStreamException("The connection ended without a close frame.");
                    }

                    socket.KeepAlive?.Life();
                    break;
            }

            if (decoder.Error is null && (count > 0 || decoder.MessageEnded))
                return new ValueWebSocketReceiveResult(count, decoder.MessageType, decoder.MessageEnded);
        }
    }

    /// <summary>Tells the peer what it did, and does not wait indefinitely if it does not read either.</summary>
    private async Task<WebSocketException> FaultedAsync(FrameError error)
    {
        try
        {
            await socket.FailAsync(error).WaitAsync(socket.Options.CloseTimeout, socket.Options.TimeProvider).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is TimeoutException || ConnectionErrors.IsConnectionLost(exception))
        {
            socket.Abort();
        }

        return new WebSocketException(WebSocketError.Faulted, error.Text);
    }
}
