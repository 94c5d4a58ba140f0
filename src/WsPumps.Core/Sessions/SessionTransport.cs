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
    private readonly SessionConnections _connections = new(first, sent);
    private readonly SendingAgain _sendingAgain = new(time);
    private SessionFrames _frames;

    /// <summary>What the peer of the first connection lacks, where the session has come from elsewhere.</summary>
    private PreparedMessage[]? _broughtAlong;

    public override bool SendsPings => Current.SendsPings;

    public override bool IsDirect => Current.IsDirect;

    public override bool MayBlock => Current.MayBlock;

    public override int FragmentSize => Current.FragmentSize;

    /// <summary>Another connection is a progress as well.</summary>
    public override int WriteProgress => (_connections.Count << 16) + Current.WriteProgress;

    /// <summary>What a lost connection has taken is kept.</summary>
    public override bool? IsLost => false;

    public override WebSocketCloseStatus? PeerStatus => Current.PeerStatus;

    public override string? PeerReason => Current.PeerReason;

    public Transport Current => _connections.Current;

    public KeptMessages Kept => _connections.Kept;

    /// <summary>Whether a connection serves the session, and has been sent again what it lacked.</summary>
    public bool IsServed => _connections.Phase is SessionPhase.Served;

    public bool IsAway => _connections.Phase is SessionPhase.Away;

    /// <inheritdoc cref="SessionConnections.AwaySince"/>
    public long AwaySince => _connections.AwaySince;

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
        while (!_connections.TryKeep(messages, current, time.GetTimestamp()));
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> frames)
    {
        frames = _frames.Or(frames);
        if (_connections.TryWrite(frames, out var instead) is not { } current)
            return new ValueTask(CountedWork.Until(time, instead));

        var write = WriteTo(current, frames);
        if (write.IsCompleted)
            _frames.GiveBack();
        return write;
    }

    public override ValueTask WriteCloseAsync(WebSocketCloseStatus status, string reason) =>
        IsServed ? Current.WriteCloseAsync(status, reason) : ValueTask.FromException(SessionConnections.Over());

    public override void PongReceived() => Current.PongReceived();

    /// <summary>The session ends. A write that waits fails.</summary>
    public override void Abort()
    {
        _connections.End();
        Current.Abort();
    }

    /// <summary>A connection is lost. Repeated calls, and those about an earlier connection, change nothing.</summary>
    /// <returns>Whether the session is away from now on.</returns>
    public bool TryLose(Transport connection)
    {
        if (!_connections.TryLose(connection, time.GetTimestamp()))
            return false;

        connection.Abort();
        lost();
        return true;
    }

    /// <summary>Has the peer come back elsewhere: closes the connection as soon as the write under way is over.</summary>
    /// <returns>False where no connection serves the session, or it was lost meanwhile.</returns>
    public async Task<bool> TryLeaveAsync(WebSocketCloseStatus status, string reason)
    {
        if (_connections.TryLeave() is not var (current, written))
            return false;

        await written.ConfigureAwait(false);
        if (_connections.Phase is not SessionPhase.Leaving)
            return false;

        await current.WriteCloseAsync(status, reason).ConfigureAwait(false);
        return true;
    }

    /// <summary>Goes on with a session that was elsewhere. Before anything is written.</summary>
    /// <param name="received">How many messages its peer has received.</param>
    /// <param name="lacking">What the peer lacks of those that were sent.</param>
    public void Continue(long received, IReadOnlyList<PreparedMessage> lacking)
    {
        _broughtAlong = [.. lacking];
        _connections.Continue(received, lacking, time.GetTimestamp());
    }

    /// <summary>Before anything else is written: sends what the peer lacks of a session that was elsewhere.</summary>
    public ValueTask BeginAsync() =>
        Interlocked.Exchange(ref _broughtAlong, null) is { } lacking ? new ValueTask(SendAgainAsync(Current, lacking)) : default;

    /// <summary>A connection comes to a session that is away: sends it what it lacks, and whatever follows.</summary>
    /// <param name="next">The connection.</param>
    /// <param name="lacking">What was promised to it.</param>
    /// <param name="tryBegin">Called when nothing stands against it, and before it is written to; it may still say no.</param>
    /// <returns>
    /// How many messages were sent again; null when the session no longer waits for it, or the connection was lost meanwhile.
    /// </returns>
    public async Task<int?> ServeAsync(Transport next, SentAgain lacking, Func<bool> tryBegin)
    {
        if (_connections.TryBegin(next, lacking, tryBegin, out var parked) is not { } missing)
            return null;

        // What it holds is among the missing ones. What follows waits.
        parked?.TrySetResult();
        return await SendAgainAsync(next, missing).ConfigureAwait(false) ? missing.Length : null;
    }

    /// <returns>False when the connection was lost meanwhile: the messages are still here for the next one.</returns>
    private async Task<bool> SendAgainAsync(Transport connection, PreparedMessage[] missing)
    {
        if (!await _sendingAgain.TryWriteAsync(missing, connection).ConfigureAwait(false))
        {
            TryLose(connection);
            return false;
        }

        if (!_connections.TryServe(connection, out var parked))
            return false;

        if (parked is not null)
        {
            await WriteTo(connection, parked.Frames).ConfigureAwait(false);
            parked.TrySetResult();
        }

        return true;
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

        _connections.Written();
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

        _connections.Written();
    }
}
