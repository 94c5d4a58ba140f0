using System.Net.WebSockets;

namespace WsPumps.Inbound;

/// <summary>
/// One loop from the transport to the handlers. It reads for the whole life of the connection, whatever the handlers do.
/// Called by <see cref="Client"/>, once.
/// </summary>
internal sealed class ReadPump(MessageReader reader, Dispatcher dispatcher, Action<int> onTooBig, Action onTooFast)
{
    public long MessagesReceived { get; private set; }

    public long BytesReceived { get; private set; }

    /// <summary>The timestamp of the first byte of a message that has not arrived whole yet; 0 while there is none.</summary>
    public long MessageBeganAt => reader.MessageBeganAt;

    /// <summary>How much may be received; null where nothing is limited.</summary>
    public InboundRate? Rate { get; set; }

    /// <summary>Ends with the peer's close frame, or throws what the transport throws.</summary>
    public async Task RunAsync()
    {
        while (await reader.WaitAsync().ConfigureAwait(false) is { MessageType: not WebSocketMessageType.Close } first)
        {
            var (outcome, message) = first.EndOfMessage
                ? (ReadOutcome.Message, new ReceivedMessage(first.MessageType, null, 0))
                : await reader.ReadAsync().ConfigureAwait(false);
            if (outcome is ReadOutcome.Closed)
                return;

            if (outcome is ReadOutcome.TooBig)
            {
                onTooBig(reader.MaxMessageSize);
            }
            else if (await IsAdmittedAsync(message).ConfigureAwait(false))
            {
                await dispatcher.DispatchAsync(message).ConfigureAwait(false);
                continue;
            }

            // The close frame that says why is lost if TCP is torn down with unread data, so the rest is read.
            await reader.DiscardAsync().ConfigureAwait(false);
            return;
        }
    }

    private ValueTask<bool> IsAdmittedAsync(ReceivedMessage message)
    {
        MessagesReceived++;
        BytesReceived += message.Length;
        return Rate is null ? new ValueTask<bool>(true) : IsAdmittedAsync(Rate, message);
    }

    private async ValueTask<bool> IsAdmittedAsync(InboundRate rate, ReceivedMessage message)
    {
        if (await rate.AdmitAsync(message.Length).ConfigureAwait(false))
            return true;

        message.Release();
        onTooFast();
        return false;
    }
}
