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
        while (true)
        {
            var (outcome, message) = await reader.ReadAsync().ConfigureAwait(false);
            switch (outcome)
            {
                case ReadOutcome.Message:
                    MessagesReceived++;
                    BytesReceived += message.Length;
                    if (Rate is not null && !await Rate.AdmitAsync(message.Length).ConfigureAwait(false))
                    {
                        message.Release();
                        onTooFast();
                        await reader.DiscardAsync().ConfigureAwait(false);
                        return;
                    }

                    await dispatcher.DispatchAsync(message).ConfigureAwait(false);
                    break;

                case ReadOutcome.TooBig:
                    onTooBig(reader.MaxMessageSize);
                    // The close frame that says so is lost if TCP is torn down with unread data, so the rest is read.
                    await reader.DiscardAsync().ConfigureAwait(false);
                    return;

                default:
                    return;
            }
        }
    }
}
