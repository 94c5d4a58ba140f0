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
            return await WriteAsync(new OutgoingMessage(bare, long.MaxValue) { IsSettled = true }, cancellationToken).ConfigureAwait(false);
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
        while (await queue.WaitAsync(ended).ConfigureAwait(false))
        {
            queue.Take(_batch, Math.Min(maxMessages, MaxBatchMessages), Math.Min(maxBytes, MaxBatchBytes));
            if (!await WriteBatchAsync(ended).ConfigureAwait(false) || !await connection.WaitForDrainAsync(ended).ConfigureAwait(false))
                return;

            foreach (var message in _batch)
                queue.Settle(message, SendResult.Sent);
            _batch.Clear();
        }
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
        if (result is not WriteResult.Queued)
            return result;

        _written++;
        session?.Add(message);
        return result;
    }
}
