using WsPumps.Framing;

namespace WsPumps.Outbound;

/// <summary>
/// The place of a message that is streamed among the others. Once it has begun, nothing but control frames comes between its fragments.
/// </summary>
/// <remarks>A mutable struct without a lock: the field it lives in is guarded by its owner.</remarks>
internal struct StreamSlot
{
    private StreamedMessage? _message;
    private StreamedMessage? _inFlight;

    public readonly bool IsEmpty => _message is null;

    public readonly int Count => _message is null ? 0 : 1;

    /// <summary>The payload bytes of the fragments that wait.</summary>
    public readonly long Bytes => _message is { } message ? message.Bytes : 0;

    public readonly bool HasFragments => _message is { Count: > 0 };

    /// <summary>Whether a message has begun to be sent and has not been sent whole.</summary>
    public readonly bool IsWithinMessage => _message is { HasBegun: true } || _inFlight is not null;

    /// <summary>Whether the end of the message is up to the application.</summary>
    public readonly bool AwaitsFragments => _message is { IsComplete: false };

    /// <summary>The number of the first message that waits for the end of this one; of none where there is nothing to wait for.</summary>
    public readonly long MessagesBefore => _message is not { } message ? long.MaxValue
        : message.HasBegun ? long.MinValue : message.GoesBefore;

    public readonly bool Holds(StreamedMessage message) => _message == message;

    /// <param name="message">The message.</param>
    /// <param name="goesBefore">The number of the first message behind it.</param>
    public void Put(StreamedMessage message, long goesBefore)
    {
        message.GoesBefore = goesBefore;
        _message = message;
    }

    /// <returns>False when a part of the message has been added: what has begun cannot be taken back.</returns>
    public bool TryTakeBack(StreamedMessage message)
    {
        if (_message != message || message.HasBegun || message.Count > 0)
            return false;

        message.End();
        _message = null;
        return true;
    }

    /// <summary>Takes the fragments that are here. The turn of the message has come.</summary>
    public void Take(Batch batch)
    {
        while (_message is { } message && message.TryPeek(out var fragment) && batch.HasRoomFor(fragment))
        {
            message.Take();
            _inFlight = message;
            batch.Add(fragment);
            if (!fragment.IsPartial)
                _message = null;
        }
    }

    /// <summary>What was taken has left, or failed.</summary>
    /// <param name="sent">Whether it was handed over.</param>
    /// <param name="deliveries">Counts what will not be sent.</param>
    /// <returns>The message whose writer is to be told; null for none.</returns>
    public StreamedMessage? EndTurn(bool sent, ref DeliveryCounters deliveries)
    {
        if (_inFlight is not { } message)
            return null;

        _inFlight = null;
        message.Left();
        if (!sent)
            Discard(message, ref deliveries);
        return message.TryRelease() ? message : null;
    }

    /// <inheritdoc cref="EndTurn"/>
    public StreamedMessage? Discard(ref DeliveryCounters deliveries)
    {
        if (_message is not { } message)
            return null;

        Discard(message, ref deliveries);
        return message.TryRelease() ? message : null;
    }

    private void Discard(StreamedMessage message, ref DeliveryCounters deliveries)
    {
        if (_message == message)
        {
            deliveries.Discard(1, message.Bytes);
            _message = null;
        }

        foreach (var fragment in message.End())
            FramePool.Return(fragment);
    }
}
