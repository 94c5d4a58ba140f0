using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using WsPumps.Diagnostics;
using WsPumps.Outbound;
using WsPumps.Transports;

namespace WsPumps.Sessions;

/// <summary>
/// The transport of a session: writes to the connection that serves it. What goes out is kept first, so a connection may be lost at any
/// moment: the next one gets it again from there. While there is none, the one write that the pump has under way waits.
/// </summary>
internal sealed class SessionTransport(Transport first, SentMessages sent, Action lost, TimeProvider time) : Transport, ISentObserver
{
    private readonly Lock _lock = new();
    private Transport _current = first;
    private volatile SessionPhase _phase = SessionPhase.Served;
    private readonly SendingAgain _sendingAgain = new(time);
    private ParkedWrite? _parked;
    private SessionFrames _frames;

    /// <summary>Counts the connections. What was kept under an earlier one has been sent again.</summary>
    private int _connection;
    private int _keptUnder;

    /// <summary>Whether the next write holds what cannot be sent again.</summary>
    private bool _isStreamed;
    private long _awaySince;

    /// <summary>What the peer of the first connection lacks, where the session has come from elsewhere.</summary>
    private PreparedMessage[]? _broughtAlong;

    /// <summary>How many messages were sent before the first one of this process.</summary>
    private long _sentElsewhere;

    /// <summary>Who waits until so many messages are kept.</summary>
    private (long Count, TaskCompletionSource Reached)? _keeping;
    private int _isWriting;
    private TaskCompletionSource? _written;

    public override bool SendsPings => Current.SendsPings;

    public override bool IsDirect => Current.IsDirect;

    public override bool MayBlock => Current.MayBlock;

    public override int FragmentSize => Current.FragmentSize;

    /// <summary>Another connection is a progress as well.</summary>
    public override int WriteProgress => (Volatile.Read(ref _connection) << 16) + Current.WriteProgress;

    /// <summary>What a lost connection has taken is kept.</summary>
    public override bool? IsLost => false;

    public override WebSocketCloseStatus? PeerStatus => Current.PeerStatus;

    public override string? PeerReason => Current.PeerReason;

    public Transport Current => Volatile.Read(ref _current);

    /// <summary>Whether a connection serves the session, and has been sent again what it lacked.</summary>
    public bool IsServed => _phase is SessionPhase.Served;

    public bool IsAway => _phase is SessionPhase.Away;

    /// <summary>Since when there is no connection, while <see cref="IsAway"/>.</summary>
    public long AwaySince => Volatile.Read(ref _awaySince);

    /// <summary>When the write that sends something again began; 0 while there is none.</summary>
    public long SendingAgainSince => _sendingAgain.Since;

    public void Sending(ReadOnlySpan<PreparedMessage> messages)
    {
        // Compressing takes its time, and the connection is seldom another one afterwards.
        Transport current;
        do
        {
            current = Current;
            _frames.Make(messages, current.Compression);
        }
        while (!TryKeep(messages, current));
    }

    private bool TryKeep(ReadOnlySpan<PreparedMessage> messages, Transport current)
    {
        var now = time.GetTimestamp();
        lock (_lock)
        {
            if (current != _current)
                return false;

            (_keptUnder, _isStreamed) = (_connection, false);
            foreach (var message in messages)
            {
                if (message.IsStreamed)
                    SendingStreamed(message);
                else if (!message.IsControl)
                    sent.Add(message, now);
            }

            if (_keeping is var (count, reached) && sent.Count >= count)
                reached.TrySetResult();
            return true;
        }
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> frames)
    {
        frames = _frames.Or(frames);
        Transport current;
        lock (_lock)
        {
            if (_phase is SessionPhase.Ended)
                return ValueTask.FromException(Over());
            if (_isStreamed && (_keptUnder != _connection || _phase is not SessionPhase.Served))
                return ValueTask.FromException(new IOException("The connection was lost within a message that is streamed."));
            // A connection has come since it was kept, and has been sent it.
            if (_keptUnder != _connection)
                return default;
            if (_phase is not SessionPhase.Served)
                return new ValueTask(CountedWork.Until(time, (_parked = new ParkedWrite(frames)).Task));

            current = _current;
            Volatile.Write(ref _isWriting, 1);
        }

        var write = WriteTo(current, frames);
        if (write.IsCompleted)
            _frames.GiveBack();
        return write;
    }

    public override ValueTask WriteCloseAsync(WebSocketCloseStatus status, string reason) =>
        IsServed ? Current.WriteCloseAsync(status, reason) : ValueTask.FromException(Over());

    public override void PongReceived() => Current.PongReceived();

    /// <summary>The session ends. A write that waits fails.</summary>
    public override void Abort()
    {
        ParkedWrite? parked;
        lock (_lock)
        {
            _phase = SessionPhase.Ended;
            (parked, _parked) = (_parked, null);
        }

        parked?.TrySetException(Over());
        Current.Abort();
    }

    /// <summary>A connection is lost. Repeated calls, and those about an earlier connection, change nothing.</summary>
    /// <returns>Whether the session is away from now on.</returns>
    public bool TryLose(Transport connection)
    {
        var now = time.GetTimestamp();
        lock (_lock)
        {
            if (connection != _current || _phase is SessionPhase.Away or SessionPhase.Ended)
                return false;

            _awaySince = now;
            _phase = SessionPhase.Away;
        }

        connection.Abort();
        lost();
        return true;
    }

    /// <summary>Has the peer come back elsewhere: closes the connection as soon as the write under way is over.</summary>
    /// <returns>False where no connection serves the session, or it was lost meanwhile.</returns>
    public async Task<bool> TryLeaveAsync(WebSocketCloseStatus status, string reason)
    {
        Transport current;
        var written = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (_phase is not SessionPhase.Served)
                return false;

            current = _current;
            Volatile.Write(ref _written, written);
            _phase = SessionPhase.Leaving;
            Interlocked.MemoryBarrier();
            if (Volatile.Read(ref _isWriting) == 0)
                written.TrySetResult();
        }

        await written.Task.ConfigureAwait(false);
        if (_phase is not SessionPhase.Leaving)
            return false;

        await current.WriteCloseAsync(status, reason).ConfigureAwait(false);
        return true;
    }

    /// <summary>Goes on with a session that was elsewhere. Before anything is written.</summary>
    /// <param name="received">How many messages its peer has received.</param>
    /// <param name="lacking">What the peer lacks of those that were sent.</param>
    public void Continue(long received, IReadOnlyList<PreparedMessage> lacking)
    {
        var now = time.GetTimestamp();
        lock (_lock)
        {
            sent.BeginAfter(received);
            foreach (var message in lacking)
                sent.Add(message, now);
            (_sentElsewhere, _broughtAlong, _phase) = (sent.Count, [.. lacking], SessionPhase.SendingAgain);
        }
    }

    /// <summary>Before anything else is written: sends what the peer lacks of a session that was elsewhere.</summary>
    public ValueTask BeginAsync() =>
        Interlocked.Exchange(ref _broughtAlong, null) is { } lacking ? new ValueTask(BeginAsync(lacking)) : default;

    /// <summary>What a peer lacks, when all is kept that was taken to be written. Nothing may be taken any more.</summary>
    /// <param name="received">How many messages it has received.</param>
    /// <param name="taken">How many were taken in this process.</param>
    /// <returns>Null when not all of it is kept.</returns>
    public async Task<PreparedMessage[]?> LackingOfAllAsync(long received, long taken)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            _keeping = (_sentElsewhere + taken, reached);
            if (sent.Count >= _sentElsewhere + taken)
                reached.TrySetResult();
        }

        await reached.Task.ConfigureAwait(false);
        lock (_lock)
            return sent.ReachBack(received) ? sent.After(received) : null;
    }

    /// <summary>The payload bytes of what a peer lacks that has received so many messages.</summary>
    public long BytesAfter(long received)
    {
        lock (_lock)
            return sent.BytesAfter(received);
    }

    /// <summary>What a peer lacks that has received so many messages.</summary>
    /// <param name="received">How many.</param>
    /// <param name="missed">How many are lost for it for good; null where it cannot have received so many.</param>
    /// <returns>Null when it cannot be sent all that it lacks.</returns>
    public SentAgain? LackingAfter(long received, out long? missed)
    {
        lock (_lock)
        {
            missed = received > sent.Count ? null : Math.Max(0, sent.Forgotten - received);
            return sent.ReachBack(received) ? new SentAgain(sent.After(received), sent.Count) : null;
        }
    }

    /// <summary>Forgets what was sent before a moment.</summary>
    public void ForgetBefore(long timestamp)
    {
        lock (_lock)
            sent.ForgetBefore(timestamp);
    }

    /// <summary>A connection comes to a session that is away: sends it what it lacks, and whatever follows.</summary>
    /// <param name="next">The connection.</param>
    /// <param name="lacking">What was promised to it.</param>
    /// <param name="tryBegin">Called when nothing stands against it, and before it is written to; it may still say no.</param>
    /// <returns>
    /// How many messages were sent again; null when the session no longer waits for it, or the connection was lost meanwhile.
    /// </returns>
    public async Task<int?> ServeAsync(Transport next, SentAgain lacking, Func<bool> tryBegin)
    {
        ParkedWrite? parked;
        PreparedMessage[] missing;
        lock (_lock)
        {
            if (_phase is not SessionPhase.Away || sent.Forgotten > lacking.UpTo || !tryBegin())
                return null;

            _phase = SessionPhase.SendingAgain;
            _current = next;
            _connection++;
            missing = [.. lacking.Messages, .. sent.After(lacking.UpTo)];
            (parked, _parked) = (_parked, null);
        }

        // What it holds is among the missing ones. What follows waits.
        parked?.TrySetResult();
        if (!await _sendingAgain.TryWriteAsync(missing, next).ConfigureAwait(false))
        {
            // The messages are still here for the next one.
            TryLose(next);
            return null;
        }

        lock (_lock)
        {
            if (_current != next || _phase is not SessionPhase.SendingAgain)
                return null;

            _phase = SessionPhase.Served;
            (parked, _parked) = (_parked, null);
            _isWriting = parked is null ? 0 : 1;
        }

        if (parked is not null)
        {
            await WriteTo(next, parked.Frames).ConfigureAwait(false);
            parked.TrySetResult();
        }

        return missing.Length;
    }

    private async Task BeginAsync(PreparedMessage[] lacking)
    {
        var first = Current;
        if (!await _sendingAgain.TryWriteAsync(lacking, first).ConfigureAwait(false))
        {
            TryLose(first);
            return;
        }

        lock (_lock)
        {
            if (_current == first && _phase is SessionPhase.SendingAgain)
                _phase = SessionPhase.Served;
        }
    }

    private void SendingStreamed(PreparedMessage fragment)
    {
        _isStreamed = true;
        if (!fragment.IsPartial)
            sent.AddUnkept();
    }

    /// <summary>Never fails: what a lost connection did not take, the next one gets.</summary>
    private ValueTask WriteTo(Transport connection, ReadOnlyMemory<byte> frames)
    {
        try
        {
            var write = connection.WriteAsync(frames);
            if (!write.IsCompletedSuccessfully)
                return WatchAsync(write, connection);

            write.GetAwaiter().GetResult();
        }
        catch (Exception)
        {
            TryLose(connection);
        }

        Written();
        return default;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask WatchAsync(ValueTask write, Transport connection)
    {
        try
        {
            await write.ConfigureAwait(false);
        }
        catch (Exception)
        {
            TryLose(connection);
        }

        Written();
    }

    private void Written()
    {
        // Either this sees who waits, or who waits sees that it has ended.
        Interlocked.Exchange(ref _isWriting, 0);
        Volatile.Read(ref _written)?.TrySetResult();
    }

    private static IOException Over() => new("The session has ended.");
}
