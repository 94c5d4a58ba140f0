using System.Runtime.InteropServices;

namespace WsPumps.Outgoing;

/// <summary>Hands what waits to one connection, in batches: a batch is settled when the transport has taken all of it.</summary>
internal sealed class Sender(OutgoingQueue queue, Client connection)
{
    /// <summary>Bounds what is unknown after a loss, and is more than a transport takes at once.</summary>
    private const int MaxBatchMessages = 128;
    private const long MaxBatchBytes = 128 * 1024;

    private readonly List<OutgoingMessage> _batch = new(MaxBatchMessages);

    /// <summary>How many messages the connection has accepted. Those of the batch are the last ones.</summary>
    private long _written;

    /// <summary>How many of the batch the connection has not accepted.</summary>
    private int _notAccepted;
    private volatile bool _runs;

    /// <summary>Writes ahead of all that waits. Only before <see cref="RunAsync"/>, but then from any thread.</summary>
    public async ValueTask<WriteResult> WriteAheadAsync(PreparedMessage message, CancellationToken cancellationToken)
    {
        if (_runs)
            throw new InvalidOperationException($"What {nameof(ReconnectingClientOptions.Connected)} gets is valid until its task ends. Write to the client instead.");

        var result = await connection.WriteAsync(message, cancellationToken).ConfigureAwait(false);
        if (result is WriteResult.Queued)
            Interlocked.Increment(ref _written);
        return result;
    }

    /// <summary>Sends until the connection ends, which <paramref name="ended"/> tells, or until nothing will ever be written any more.</summary>
    public async Task RunAsync(CancellationToken ended)
    {
        _runs = true;
        try
        {
            while (await queue.WaitAsync(ended).ConfigureAwait(false))
            {
                queue.Take(_batch, MaxBatchMessages, MaxBatchBytes);
                if (!await WriteBatchAsync(ended).ConfigureAwait(false) || !await connection.WaitForDrainAsync(ended).ConfigureAwait(false))
                    return;

                foreach (var message in _batch)
                    queue.Settle(message, SendResult.Sent);
                _batch.Clear();
            }
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // The end of the connection, an ordinary one.
        }
    }

    /// <summary>Tells what became of the batch that the end of the connection has interrupted.</summary>
    public void ConnectionEnded(DisconnectRecord record)
    {
        // Messages leave in the order of acceptance, so their number says which ones have left.
        var accepted = _batch.Count - _notAccepted;
        for (var i = 0; i < accepted; i++)
            queue.Settle(_batch[i], _written - accepted + i < record.MessagesSent ? SendResult.Sent : SendResult.Unknown);
        queue.PutBack(CollectionsMarshal.AsSpan(_batch)[accepted..]);
        _batch.Clear();
        _notAccepted = 0;
    }

    private async ValueTask<bool> WriteBatchAsync(CancellationToken ended)
    {
        _notAccepted = _batch.Count;
        foreach (var message in _batch)
        {
            // Nobody but the queue of this class drops it, or replaces it.
            var plain = message.Message.Options is null ? message.Message : message.Message.With(null);
            if (await connection.WriteAsync(plain, ended).ConfigureAwait(false) is not WriteResult.Queued)
                return false;
            _written++;
            _notAccepted--;
        }

        return true;
    }
}
