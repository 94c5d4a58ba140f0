using WsPumps.Diagnostics;

namespace WsPumps.Outbound;

/// <summary>What the writer of a message that is streamed does with the queue.</summary>
internal sealed class StreamedOutput(OutboundQueue queue, IWorkCounter? work)
{
    private readonly StreamedMessage _message = new(work);

    /// <inheritdoc cref="StreamedMessage.IsOver"/>
    public bool IsOver => _message.IsOver;

    /// <inheritdoc cref="OutboundState.Open"/>
    public StreamOpening Open() =>
        queue.Do(static (_, ref state, message, ref _) => state.Open(message), _message);

    /// <inheritdoc cref="OutboundState.TryAdd"/>
    public bool TryAdd(PreparedMessage fragment, bool always) => queue.Do(
        static (queue, ref state, added, ref effects) => state.TryAdd(added.Message, added.Fragment, added.Always, queue, ref effects),
        (Message: _message, Fragment: fragment, Always: always));

    /// <summary>Waits until fewer than so many fragments are here or being written, or the message is over.</summary>
    /// <returns>False when it was ended by <see cref="StopWaiting"/>.</returns>
    public ValueTask<bool> WaitAsync(int below) => queue.Do(
        static (_, ref _, wait, ref _) => wait.Message.TryWait(wait.Below) ? wait.Message.Room.Prepare() : new ValueTask<bool>(true),
        (Message: _message, Below: below));

    public void StopWaiting()
    {
        if (queue.Do(static (_, ref _, message, ref _) => message.TryRelease(always: true), _message))
            _message.Room.Set(false);
    }

    /// <summary>The message is given up.</summary>
    /// <inheritdoc cref="StreamSlot.TryTakeBack"/>
    public bool TryTakeBack() => queue.Do(
        static (queue, ref state, message, ref effects) => state.TryTakeBack(message, queue, ref effects), _message);
}
