using System.Net.WebSockets;
using WsPumps.Testing.Frames;

namespace WsPumps.Testing;

/// <content>What the peer does with what it receives.</content>
public sealed partial class TestPeer
{
    /// <summary>Reads to the end. Never faults.</summary>
    internal async Task ReceiveAsync(ByteSource source)
    {
        Link.Flow.Enter();
        var reader = new FrameReader(source, Compresses);
        string? violation = null;
        var wasReset = false;
        try
        {
            using var message = new MemoryStream();
            var (type, isCompressed) = (WebSocketMessageType.Binary, false);
            while (await reader.ReadAsync().ConfigureAwait(false) is { } frame)
            {
                if (frame.IsControl)
                {
                    await HandleControlAsync(frame).ConfigureAwait(false);
                    continue;
                }

                if (frame.Opcode is not WireOpcode.Continuation)
                {
                    type = frame.Opcode is WireOpcode.Text ? WebSocketMessageType.Text : WebSocketMessageType.Binary;
                    isCompressed = frame.IsCompressed;
                }

                message.Write(frame.Payload);
                if (!frame.Fin)
                    continue;

                var payload = isCompressed ? MessageDeflate.Inflate(message.ToArray()) : message.ToArray();
                _inbox.Add(new PeerMessage(type, payload) { WasCompressed = isCompressed });
                message.SetLength(0);
            }
        }
        catch (WireViolationException exception)
        {
            violation = exception.Message;
            Link.Reset();
        }
        catch (EndOfStreamException exception)
        {
            violation = exception.Message;
        }
        catch (IOException)
        {
            wasReset = true;
        }

        await FinishSendingAsync().ConfigureAwait(false);
        _inbox.AddEnd(new PeerEnd
        {
            CloseStatus = _inbox.Close?.CloseStatus,
            CloseReason = _inbox.Close?.CloseReason,
            WasReset = wasReset,
            Violation = violation,
        });
    }

    private async ValueTask HandleControlAsync(WireFrame frame)
    {
        if (frame.Opcode is WireOpcode.Pong)
        {
            _inbox.Note("received pong");
        }
        else if (frame.Opcode is WireOpcode.Ping)
        {
            _inbox.Note("received ping");
            if (AnswersPings)
                await AnswerAsync(ClientFrame.Pong(frame.Payload)).ConfigureAwait(false);
        }
        else
        {
            _inbox.AddClose(frame.CloseCode, frame.Payload.Length > 2 ? frame.CloseReason : "");
            if (AnswersCloses)
            {
                await AnswerAsync(ClientFrame.Build(WireOpcode.Close, frame.Payload.AsSpan(0, Math.Min(2, frame.Payload.Length))))
                    .ConfigureAwait(false);
            }
        }
    }

    /// <summary>No limit here: while the server reads nothing, the peer waits as its network would.</summary>
    private async ValueTask AnswerAsync(byte[] frame)
    {
        if (!_sending.Wait(0))
            await _sending.WaitAsync().ConfigureAwait(false);
        try
        {
            if (!_finished)
                await Link.ToServer.Writer.WriteAsync(frame).ConfigureAwait(false);
        }
        finally
        {
            _sending.Release();
        }
    }

    private async ValueTask FinishSendingAsync()
    {
        await _sending.WaitAsync().ConfigureAwait(false);
        try
        {
            _finished = true;
            await Link.ToServer.Writer.CompleteAsync().ConfigureAwait(false);
        }
        finally
        {
            _sending.Release();
        }
    }
}
