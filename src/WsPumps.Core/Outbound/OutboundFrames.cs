using System.Diagnostics.CodeAnalysis;

namespace WsPumps.Outbound;

/// <summary>
/// Everything that waits to be written, in the order in which it leaves: control frames, then the messages and, in its place among them,
/// the one that is streamed.
/// </summary>
/// <remarks>A mutable struct without a lock: the field it lives in is guarded by its owner.</remarks>
internal struct OutboundFrames(OutboundBounds bounds, QueueEvents events)
{
    private BoundedMessages _messages = new(bounds, events);
    private StreamSlot _streamed;
    private ControlSlots _control;

    /// <summary>Changed in place: a field's property would hand out a copy.</summary>
    [UnscopedRef]
    public ref BoundedMessages Messages => ref _messages;

    /// <inheritdoc cref="Messages"/>
    [UnscopedRef]
    public ref StreamSlot Streamed => ref _streamed;

    /// <inheritdoc cref="Messages"/>
    [UnscopedRef]
    public ref ControlSlots Control => ref _control;

    /// <summary>Whether there is anything to write now.</summary>
    public readonly bool HasAny => !_control.IsEmpty || (_streamed.IsEmpty ? _messages.Count > 0 : HasAnyUpToStreamed);

    private readonly bool HasAnyUpToStreamed => _streamed.HasFragments || _messages.HasBefore(_streamed.MessagesBefore);

    /// <summary>Takes what is to be written next, as much as fits.</summary>
    /// <inheritdoc cref="BoundedMessages.TryTake"/>
    public bool TryTake(Batch batch, long now, ref QueueEffects effects)
    {
        if (batch.IsEmpty)
            _control.Take(batch);

        var done = _messages.TryTake(batch, now, _streamed.MessagesBefore, ref effects);
        if (!_streamed.IsEmpty && done && !_messages.HasBefore(_streamed.MessagesBefore))
            _streamed.Take(batch);
        return done;
    }
}
