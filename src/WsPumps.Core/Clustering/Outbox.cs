using Microsoft.Extensions.Logging;
using WsPumps.Diagnostics;

namespace WsPumps.Clustering;

/// <summary>
/// What is on its way to the engine, in order, with bounds in number, bytes and age. It numbers what it takes, so that what it drops
/// later leaves a gap that the others see. One thread at a time offers to the engine, and no lock is held meanwhile.
/// </summary>
internal sealed partial class Outbox
{
    /// <summary>How many are offered in one go, before the thread is given back.</summary>
    private const int MaxRun = 256;

    private readonly Lock _lock = new();
    private readonly Queue<OutboxEntry> _queue = new();
    private readonly IBackplane _backplane;
    private readonly ChannelMap _channels;
    private readonly ClusterOptions _options;
    private readonly TimeProvider _time;
    private readonly ClusterCounters _counters;
    private readonly ILogger _logger;
    private readonly OutboxDrops _drops;
    private readonly SerialWork _offering;
    private readonly long[] _lastNumbers;

    /// <summary>What the engine has refused: the first to be offered again.</summary>
    private OutboxEntry? _refused;
    private int _numbered;
    private long _bytes;
    private bool _hasNumbered;

    /// <summary>Whether the engine took what it was offered last.</summary>
    private bool _isTaken;
    private TaskCompletionSource? _room;
    private TaskCompletionSource? _empty;

    public Outbox(IBackplane backplane, ChannelMap channels, ClusterOptions options, TimeProvider time, ClusterCounters counters,
        ILogger logger)
    {
        (_backplane, _channels, _options, _time, _counters, _logger) = (backplane, channels, options, time, counters, logger);
        _drops = new OutboxDrops(backplane, counters, time, logger);
        _lastNumbers = new long[channels.Count];
        _offering = new SerialWork(Offer, time);
    }

    public (int Messages, long Bytes) Waiting
    {
        get
        {
            lock (_lock)
                return (_queue.Count + (_refused is null ? 0 : 1), _bytes + (_refused?.Data.Length ?? 0));
        }
    }

    /// <summary>Whether anything was numbered yet.</summary>
    public bool HasNumbered => Volatile.Read(ref _hasNumbered);

    /// <summary>The number of the last envelope on a channel.</summary>
    public long LastNumber(int channel)
    {
        lock (_lock)
            return _lastNumbers[channel];
    }

    /// <summary>Numbers the envelope and takes it. Never waits.</summary>
    /// <returns>The number.</returns>
    public long AddNumbered(int channel, byte[] envelope)
    {
        bool isRefusing;
        long number;
        lock (_lock)
        {
            isRefusing = _refused is not null;
            _hasNumbered = true;
            number = ++_lastNumbers[channel];
            Envelope.WriteSequence(envelope, number);
            Add(new OutboxEntry(_channels[channel], envelope, _time.GetTimestamp(), IsNumbered: true));
        }

        _counters.Published();
        // From this thread where the engine takes it: each change of threads costs milliseconds where all processors are busy. An engine
        // that has refused says when it takes again.
        if (!isRefusing)
            _offering.RunOrSchedule();
        return number;
    }

    /// <summary>Takes an envelope that tells the number of the last one before it.</summary>
    public void AddMarker(int channel, byte[] envelope)
    {
        lock (_lock)
        {
            Envelope.WriteSequence(envelope, _lastNumbers[channel]);
            Add(new OutboxEntry(_channels[channel], envelope, _time.GetTimestamp(), IsNumbered: false));
        }

        _offering.Schedule();
    }

    /// <summary>Takes what nodes tell each other.</summary>
    public void Add(string channel, byte[] envelope)
    {
        lock (_lock)
            Add(new OutboxEntry(channel, envelope, _time.GetTimestamp(), IsNumbered: false));
        _offering.Schedule();
    }

    /// <summary>Offers again what was refused, and drops what is too old.</summary>
    public void Retry() => _offering.Schedule();

    /// <summary>
    /// Completes when the outbox is less than half full: at once, or as the engine takes messages, or as they grow too old.
    /// </summary>
    public Task WaitForRoomAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (HasRoom)
                return Task.CompletedTask;

            _room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return CountedWork.Until(_time, _room.Task).WaitAsync(cancellationToken);
        }
    }

    /// <summary>Completes when the engine has taken all, or it was dropped.</summary>
    public Task WaitUntilEmptyAsync()
    {
        Task empty;
        lock (_lock)
            empty = (_empty ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        _offering.Schedule();
        return empty;
    }

    private bool HasRoom => _numbered <= _options.MaxOutboxMessages / 2 && _bytes <= _options.MaxOutboxBytes / 2;

    /// <summary>Called under the lock.</summary>
    private void Add(OutboxEntry entry)
    {
        _queue.Enqueue(entry);
        _numbered += entry.IsNumbered ? 1 : 0;
        _bytes += entry.Data.Length;
        // What nodes tell each other does not count: it is little, and must not push out what clients wait for.
        while (_numbered > _options.MaxOutboxMessages || _bytes > _options.MaxOutboxBytes)
            Drop(Dequeue());
    }

    private void Offer()
    {
        for (var i = 0; i < MaxRun; i++)
        {
            if (Take() is not { } entry)
            {
                if (_isTaken)
                    _drops.Over();
                return;
            }

            if (_time.GetElapsedTime(entry.AddedAt) > _options.MaxOutboxAge)
            {
                Drop(entry);
            }
            else if (!(_isTaken = TryPublish(entry)))
            {
                lock (_lock)
                    _refused = entry;
                return;
            }
        }

        _offering.Schedule();
    }

    private OutboxEntry? Take()
    {
        TaskCompletionSource? room = null, empty = null;
        OutboxEntry? entry;
        lock (_lock)
        {
            entry = _refused ?? (_queue.Count > 0 ? Dequeue() : null);
            _refused = null;
            if (_room is not null && HasRoom)
                (room, _room) = (_room, null);
            if (entry is null)
                (empty, _empty) = (_empty, null);
        }

        room?.SetResult();
        empty?.SetResult();
        return entry;
    }

    private OutboxEntry Dequeue()
    {
        var entry = _queue.Dequeue();
        _numbered -= entry.IsNumbered ? 1 : 0;
        _bytes -= entry.Data.Length;
        return entry;
    }

    private void Drop(OutboxEntry entry)
    {
        if (entry.IsNumbered)
            _drops.Add();
    }

    private bool TryPublish(OutboxEntry entry)
    {
        try
        {
            return _backplane.TryPublish(entry.Channel, entry.Data);
        }
        catch (Exception exception)
        {
            Log.PublishFailed(_logger, _backplane.Name, entry.Channel, exception);
            if (entry.IsNumbered)
                _counters.OutboxDropped();
            return true;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(200, LogLevel.Error, "The backplane {Backplane} threw when it should publish on {Channel}. The message is lost, " +
            "and counted.", EventName = "BackplanePublishFailed")]
        public static partial void PublishFailed(ILogger logger, string backplane, string channel, Exception exception);
    }
}
