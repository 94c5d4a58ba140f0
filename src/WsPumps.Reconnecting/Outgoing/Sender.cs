using System.Runtime.InteropServices;
using WsPumps.Resuming;

namespace WsPumps.Outgoing;

/// <summary>Hands what waits to one connection, in batches: a batch is settled when the transport has taken all of it.</summary>
internal sealed class Sender(OutgoingQueue queue, Client connection, ClientSession? session, UnsettledMessages unsettled)
{
    /// <summary>Bounds what is unknown after a loss, and is more than a transport takes at once.</summary>
    private const int MaxBatchMessages = 128;
    private const long MaxBatchBytes = 128 * 1024;

    private readonly List<OutgoingMessage> _batch = new(MaxBatchMessages);
    private readonly SemaphoreSlim _ahead = new(1, 1);

    /// <summary>How many messages the connection has accepted. Those of the batch are the last ones.</summary>
    private long _written;

    /// <summary>How many of the batch the connection has not accepted.</summary>
    private int _notAccepted;
    private volatile bool _runs;
    private volatile bool _hasEnded;

    /// <summary>Whether something was handed over and it is not known yet whether it has left.</summary>
    public bool HasUnfinished => _batch.Count > 0;

    /// <summary>Whether the connection has ended, or nothing will ever be sent again.</summary>
    public bool HasEnded => _hasEnded;

    /// <summary>Sends again what the server has not received on former connections, before anything else.</summary>
    public async Task ResendAsync(IReadOnlyCollection<OutgoingMessage> lost, CancellationToken ended)
    {
        foreach (var message in lost)
        {
            if (await connection.WriteAsync(message.Message, ended).ConfigureAwait(false) is not WriteResult.Queued)
                return;
            _written++;
        }

        if (lost.Count > 0 && await connection.WaitForDrainAsync(ended).ConfigureAwait(false))
            unsettled.SettleAll(SendResult.Sent);
    }

    /// <summary>Writes ahead of all that waits. Only before <see cref="RunAsync"/>, but then from any thread.</summary>
    public async ValueTask<WriteResult> WriteAheadAsync(PreparedMessage message, CancellationToken cancellationToken)
    {
        if (_runs)
        {
            throw new InvalidOperationException($"What {nameof(ReconnectingClientOptions.Connected)} gets is valid until its task ends. " +
                "Write to the client instead.");
        }

        await _ahead.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var bare = message.Options is null ? message : message.With(null);
            var ahead = new OutgoingMessage(bare, long.MaxValue);
            ahead.Settle(SendResult.Unknown);
            return await WriteAsync(ahead, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _ahead.Release();
        }
    }

    /// <summary>
    /// Sends until the connection ends, which <paramref name="ended"/> tells, or until nothing will ever be written again.
    /// </summary>
    public async Task RunAsync(CancellationToken ended)
    {
        _runs = true;
        var (maxMessages, maxBytes) = session?.Bounds ?? (MaxBatchMessages, MaxBatchBytes);
        try
        {
            while (await queue.WaitAsync(this, ended).ConfigureAwait(false))
            {
                if (!HasUnfinished)
                {
                    queue.Take(_batch, Math.Min(maxMessages, MaxBatchMessages), Math.Min(maxBytes, MaxBatchBytes));
                    if (!await WriteBatchAsync(ended).ConfigureAwait(false))
                        return;
                }

                if (_notAccepted > 0 || !await connection.WaitForDrainAsync(ended).ConfigureAwait(false))
                    return;

                foreach (var message in _batch)
                    queue.Settle(message, SendResult.Sent);
                _batch.Clear();
            }
        }
        finally
        {
            _hasEnded = true;
            await queue.EndRestAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Sends one message on the caller's own thread. Called by the queue while nothing else is to be sent.</summary>
    /// <returns>Whether it has left. If not, <see cref="RunAsync"/> goes on with it.</returns>
    public bool TrySendHere(OutgoingMessage message)
    {
        _batch.Add(message);
        _notAccepted = 1;
        var (result, hasLeft) = connection.WriteHere(message.Message);
        if (result is not WriteResult.Queued)
            return false;

        _notAccepted = 0;
        Written(message);
        if (hasLeft)
            _batch.Clear();
        return hasLeft;
    }

    /// <summary>Tells what became of the batch that the end of the connection has interrupted.</summary>
    public void ConnectionEnded(DisconnectRecord record)
    {
        // Messages leave in the order of acceptance, so their number says which ones have left.
        var accepted = _batch.Count - _notAccepted;
        var left = (int)Math.Clamp(record.MessagesSent - (_written - accepted), 0, accepted);
        foreach (var message in _batch[..left])
            queue.Settle(message, SendResult.Sent);

        var unknown = _batch[left..accepted];
        if (session is null)
            unknown.ForEach(message => queue.Settle(message, SendResult.Unknown));
        else
            unsettled.Set(unsettled.Take().Concat(unknown));
        queue.PutBack(CollectionsMarshal.AsSpan(_batch)[accepted..]);
        _batch.Clear();
        _notAccepted = 0;
    }

    private async ValueTask<bool> WriteBatchAsync(CancellationToken ended)
    {
        _notAccepted = _batch.Count;
        foreach (var message in _batch)
        {
            if (await WriteAsync(message, ended).ConfigureAwait(false) is not WriteResult.Queued)
                return false;
            _notAccepted--;
        }

        return true;
    }

    private async ValueTask<WriteResult> WriteAsync(OutgoingMessage message, CancellationToken cancellationToken)
    {
        var result = await connection.WriteAsync(message.Message, cancellationToken).ConfigureAwait(false);
        if (result is WriteResult.Queued)
            Written(message);
        return result;
    }

    private void Written(OutgoingMessage message)
    {
        _written++;
        session?.Add(message);
    }
}
