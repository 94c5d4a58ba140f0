using WsPumps.Diagnostics;
using WsPumps.Outbound;

namespace WsPumps.Sessions;

/// <summary>
/// What lets a client outlive its connections: which one serves it, what was sent, and since when it is away. The pumps run on over all of
/// them.
/// </summary>
internal sealed class Session
{
    private readonly ResumeOptions _options;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private Wire _wire;
    private TaskCompletionSource<Wire?> _next = NewNext();
    private bool _hasEnded;
    private int _claims;

    /// <param name="first">The first connection.</param>
    /// <param name="options">How long, and with how much it outlives one.</param>
    /// <param name="lost">Told of each connection that is lost, by whoever noticed.</param>
    /// <param name="time">The clock.</param>
    public Session(Wire first, ResumeOptions options, Action lost, TimeProvider time)
    {
        (_wire, _options, _time) = (first, options, time);
        Transport = new SessionTransport(first.Transport, new SentMessages(options.MaxMessages, options.MaxBytes), lost, time);
    }

    public SessionTransport Transport { get; }

    public KeptMessages Kept => Transport.Kept;

    /// <summary>Told what the pump writes.</summary>
    public ISentObserver Sent => Transport;

    /// <summary>The latest connection.</summary>
    public Wire Wire => Volatile.Read(ref _wire);

    public bool IsAway => Transport.IsAway;

    public TimeSpan Window => _options.Window;

    public long AwaySince => Transport.AwaySince;

    /// <summary>Why the latest connection was lost: what the session ends with if none follows.</summary>
    public (DisconnectReason Reason, Exception? Exception) LostBy { get; private set; }

    /// <summary>The latest connection is lost, or given up for a newer one.</summary>
    public void Lose(Wire wire, DisconnectReason reason, Exception? exception)
    {
        // What lost it first counts, and a transport that fails afterwards does not know why.
        if (wire == Wire && !IsAway)
            LostBy = (reason, exception);
        Transport.TryLose(wire.Transport);
    }

    /// <summary>The read pump leaves a connection that is lost.</summary>
    /// <returns>The next one; null when the session has ended.</returns>
    public Task<Wire?> NextAsync(Wire left)
    {
        // Before it leaves: from then on the next one may be handed over, and only once.
        var next = CountedWork.Until(_time, Volatile.Read(ref _next).Task);
        left.Leave();
        return next;
    }

    /// <summary>A newer connection is on its way: any other one that is, has lost.</summary>
    public int Claim() => Interlocked.Increment(ref _claims);

    public bool IsLatest(int claim) => Volatile.Read(ref _claims) == claim;

    /// <summary>Serves the session with a newer connection.</summary>
    /// <param name="wire">The connection.</param>
    /// <param name="claim">Its claim.</param>
    /// <param name="lacking">What was promised to it.</param>
    /// <param name="begun">Called when it is read from, and before it is written to.</param>
    /// <returns>How many messages were sent again; null where it came too late, or was lost meanwhile.</returns>
    public Task<int?> ServeAsync(Wire wire, int claim, SentAgain lacking, Action begun) =>
        Transport.ServeAsync(wire.Transport, lacking, () => TryHand(wire, claim, begun));

    /// <summary>The session goes on in another process, for the latest claim: no connection serves it here any more.</summary>
    /// <returns>False where it has ended, or another claim has come.</returns>
    public bool TryLeave(int claim)
    {
        lock (_lock)
        {
            if (_hasEnded || !IsLatest(claim))
                return false;

            _hasEnded = true;
            return true;
        }
    }

    public void End()
    {
        lock (_lock)
        {
            _hasEnded = true;
            _next.TrySetResult(null);
        }
    }

    private bool TryHand(Wire wire, int claim, Action begun)
    {
        lock (_lock)
        {
            if (_hasEnded || !IsLatest(claim))
                return false;

            Volatile.Write(ref _wire, wire);
            begun();
            var next = _next;
            Volatile.Write(ref _next, NewNext());
            next.TrySetResult(wire);
            return true;
        }
    }

    private static TaskCompletionSource<Wire?> NewNext() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
