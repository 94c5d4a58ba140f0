using System.Net.WebSockets;

namespace WsPumps.Inbound;

/// <summary>
/// One loop from the transport to the handlers. It reads for the whole life of the connection, whatever the handlers do.
/// Called by <see cref="Client"/>, once.
/// </summary>
internal sealed class ReadPump(MessageReader reader, Dispatcher dispatcher)
{
    public long MessagesReceived { get; private set; }

    public long BytesReceived { get; private set; }

    /// <summary>The timestamp of the first byte of a message that has not arrived whole yet; 0 while there is none.</summary>
    public long MessageBeganAt => reader.MessageBeganAt;

    /// <summary>How much may be received; null where nothing is limited.</summary>
    public InboundRate? Rate { get; set; }

    public int MaxMessageSize => reader.MaxMessageSize;

    /// <summary>Reads until something ends the reading, or throws what the transport throws.</summary>
    /// <returns>What it was: the peer's close frame, or a limit that the peer did not keep to.</returns>
    public async Task<ReadOutcome> RunAsync()
    {
        while (await reader.WaitAsync().ConfigureAwait(false) is { MessageType: not WebSocketMessageType.Close } first)
        {
            var (outcome, message) = first.EndOfMessage
                ? (ReadOutcome.Message, new ReceivedMessage(first.MessageType, null, 0))
                : await reader.ReadAsync().ConfigureAwait(false);
            if (outcome is not ReadOutcome.Message)
                return outcome;

            MessagesReceived++;
            BytesReceived += message.Length;
            if (Rate is not null && !await Rate.AdmitAsync(message.Length).ConfigureAwait(false))
            {
                message.Release();
                return ReadOutcome.TooFast;
            }

            await dispatcher.DispatchAsync(message).ConfigureAwait(false);
        }

        return ReadOutcome.Closed;
    }

    /// <summary>Reads and forgets whatever comes, until the peer's close frame.</summary>
    public Task DiscardAsync() => reader.DiscardAsync();
}
