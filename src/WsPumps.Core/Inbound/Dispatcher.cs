using WsPumps.Diagnostics;

namespace WsPumps.Inbound;

/// <summary>
/// Calls the handlers, one message at a time, in order. A handler that completes at once runs on the reader's own turn;
/// while one works, further messages wait in a small queue and the reader goes on reading, so that pings are answered
/// and a close is noticed. Called by <see cref="ReadPump"/> alone, except for <see cref="Stop"/>.
/// </summary>
/// <param name="handle">Calls the handlers. Must not fault.</param>
/// <param name="bounds">How much may wait.</param>
/// <param name="work">What counts the way of a reader that waited for room; null for nobody.</param>
internal sealed class Dispatcher(Func<ReceivedMessage, ValueTask> handle, InboundBounds bounds, IWorkCounter? work = null)
{
    private readonly Lock _lock = new();
    private Queue<ReceivedMessage>? _queue;
    private long _queuedBytes;
    private TaskCompletionSource? _room;
    private Task _handling = Task.CompletedTask;
    private long _handled;
    private bool _busy;
    private bool _stopped;
    private volatile bool _handlesInline;

    /// <summary>
    /// Takes the message over. Completes at once, unless the queue is full: then when there is room, or after <see cref="Stop"/>.
    /// </summary>
    /// <remarks>Only the reader, who calls it, makes the dispatcher busy: a handler that completes at once costs no lock.</remarks>
    public ValueTask DispatchAsync(in ReceivedMessage message)
    {
        if (Volatile.Read(ref _busy) && TryEnqueue(message, out var waiting))
            return waiting;

        if (Volatile.Read(ref _stopped))
        {
            message.Release();
            return default;
        }

        _handlesInline = true;
        var handling = handle(message);
        if (handling.IsCompletedSuccessfully)
        {
            message.Release();
            Volatile.Write(ref _handled, _handled + 1);
        }
        else
        {
            Volatile.Write(ref _busy, true);
            _handling = HandleAllAsync(handling, message);
        }

        _handlesInline = false;
        return default;
    }

    /// <summary>Whether nothing is read now because of us: a handler has not returned yet, or the queue is full.</summary>
    public bool HoldsReader => _handlesInline || _room is not null;

    /// <summary>Whether a handler holds something up: the reader, whose thread it keeps, or messages that wait behind its own.</summary>
    public bool HoldsUp => _handlesInline || _queue is { Count: > 0 };

    /// <summary>How many messages have been handled.</summary>
    public long Handled => Volatile.Read(ref _handled);

    /// <summary>Messages that wait are discarded, and so is every later one. The handler that is at work goes on.</summary>
    public void Stop()
    {
        TaskCompletionSource? room;
        lock (_lock)
        {
            _stopped = true;
            while (_queue is not null && _queue.TryDequeue(out var message))
                message.Release();
            Charge(-_queuedBytes);
            (room, _room) = (_room, null);
        }

        Release(room);
    }

    /// <summary>The reader does not wait for room any longer. What it has handed over stays.</summary>
    public void ReleaseReader()
    {
        TaskCompletionSource? room;
        lock (_lock)
            (room, _room) = (_room, null);
        Release(room);
    }

    /// <summary>Completes when every message that was taken over has been handled or discarded.</summary>
    public Task WhenIdleAsync() => _handling;

    /// <returns>False when the handler has returned in the meantime: nothing waits.</returns>
    private bool TryEnqueue(in ReceivedMessage message, out ValueTask waiting)
    {
        waiting = default;
        lock (_lock)
        {
            if (!_busy)
                return false;

            if (_stopped)
            {
                message.Release();
                return true;
            }

            (_queue ??= new Queue<ReceivedMessage>()).Enqueue(message);
            Charge(message.Length);
            if (bounds.AreReached(_queue.Count, _queuedBytes))
                waiting = new ValueTask(WaitAsync(_room = NewRoom()));
            return true;
        }
    }

    /// <summary>Goes on with a handler that has not completed at once, and with what comes while it is at work.</summary>
    private async Task HandleAllAsync(ValueTask handling, ReceivedMessage message)
    {
        while (true)
        {
            await handling.ConfigureAwait(false);
            message.Release();
            if (!TryTakeNext(out message))
                return;

            handling = handle(message);
        }
    }

    private bool TryTakeNext(out ReceivedMessage message)
    {
        TaskCompletionSource? room;
        bool taken;
        lock (_lock)
        {
            message = default;
            taken = _queue is not null && _queue.TryDequeue(out message);
            _handled++;
            _busy = taken;
            Charge(-message.Length);
            if (_queue is null || !bounds.AreReached(_queue.Count, _queuedBytes) || _queue.Count == 0)
                (room, _room) = (_room, null);
            else
                room = null;
        }

        Release(room);
        return taken;
    }

    private void Charge(long bytes)
    {
        _queuedBytes += bytes;
        if (bytes != 0)
            bounds.Shared?.Charge(bytes);
    }

    /// <summary>Whoever takes it out of <see cref="_room"/> calls this, so it is called once.</summary>
    private void Release(TaskCompletionSource? room)
    {
        if (room is null)
            return;

        work?.Begin();
        room.SetResult();
    }

    private Task WaitAsync(TaskCompletionSource room) => work is null ? room.Task : WaitCountedAsync(work, room);

    /// <summary>The way from whoever makes room to the reader is work too.</summary>
    private static async Task WaitCountedAsync(IWorkCounter work, TaskCompletionSource room)
    {
        await room.Task.ConfigureAwait(false);
        work.End();
    }

    private static TaskCompletionSource NewRoom() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
