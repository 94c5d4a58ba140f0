using System.Net.WebSockets;

namespace WsPumps.Inbound;

/// <summary>
/// One loop from the transport to the handlers. It reads for the whole life of the connection, whatever the handlers do.
/// Called by <see cref="Client"/>, once.
/// </summary>
internal sealed class ReadPump(MessageReader reader, Dispatcher dispatcher, Action<int> onTooBig)
{
    public long MessagesReceived { get; private set; }

    public long BytesReceived { get; private set; }

    /// <summary>Ends with the peer's close frame, or throws what the transport throws.</summary>
    public async Task RunAsync()
    {
        while (await reader.WaitAsync().ConfigureAwait(false) is { MessageType: not WebSocketMessageType.Close } first)
        {
            if (first.EndOfMessage)
            {
                await DispatchAsync(new ReceivedMessage(first.MessageType, null, 0)).ConfigureAwait(false);
                continue;
            }

            var (outcome, message) = await reader.ReadAsync().ConfigureAwait(false);
            if (outcome is ReadOutcome.Closed)
                return;

            if (outcome is ReadOutcome.TooBig)
            {
                onTooBig(reader.MaxMessageSize);
                // The close frame that says so is lost if TCP is torn down with unread data, so the rest is read.
                await reader.DiscardAsync().ConfigureAwait(false);
                return;
            }

            await DispatchAsync(message).ConfigureAwait(false);
        }
    }

    private ValueTask DispatchAsync(ReceivedMessage message)
    {
        MessagesReceived++;
        BytesReceived += message.Length;
        return dispatcher.DispatchAsync(message);
    }
}
