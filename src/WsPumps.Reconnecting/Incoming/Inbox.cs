using System.Threading.Channels;

namespace WsPumps.Incoming;

/// <summary>What has been received: passed to the application's handler, or kept for whoever reads it all.</summary>
internal sealed class Inbox
{
    private readonly Func<Message, CancellationToken, ValueTask>? _handler;
    private readonly Channel<Message>? _messages;
    private long _received;

    /// <summary>A message of this connection has found no place: those behind it must not be taken either.</summary>
    private bool _hasGap;

    public Inbox(Func<Message, CancellationToken, ValueTask>? handler, int maxMessages)
    {
        _handler = handler;
        if (handler is null)
            _messages = Channel.CreateBounded<Message>(new BoundedChannelOptions(maxMessages) { SingleWriter = true });
    }

    public long Received => Volatile.Read(ref _received);

    public void ConnectionBegins() => _hasGap = false;

    /// <summary>Called for one message after the other. While it waits, no further message is handled.</summary>
    public async ValueTask ReceiveAsync(Message message, CancellationToken cancellationToken)
    {
        if (_handler is not null)
        {
            Volatile.Write(ref _received, _received + 1);
            await _handler(message, cancellationToken).ConfigureAwait(false);
            return;
        }

        if (_hasGap)
            return;

        // Counted only when it has its place: what finds none until the connection has ended was not received.
        _hasGap = true;
        await _messages!.Writer.WriteAsync(new Message(message.Type, message.Payload.ToArray()), cancellationToken).ConfigureAwait(false);
        Volatile.Write(ref _received, _received + 1);
        _hasGap = false;
    }

    public IAsyncEnumerable<Message> ReadAllAsync(CancellationToken cancellationToken) =>
        (_messages ?? throw new InvalidOperationException(
            $"{nameof(ReconnectingClientOptions)}.{nameof(ReconnectingClientOptions.OnMessage)} is set, and gets all messages. Leave it " +
            "unset to read them."))
        .Reader.ReadAllAsync(cancellationToken);

    public void Close() => _messages?.Writer.TryComplete();
}
