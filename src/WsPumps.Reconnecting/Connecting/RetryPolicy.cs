namespace WsPumps.Connecting;

/// <summary>What follows the end of a connection or a failed attempt: another one after a while, or the end for good.</summary>
internal sealed class RetryPolicy(ReconnectingClientOptions options, Backoff backoff)
{
    private bool _freshTokenTried;

    /// <summary>How many attempts in a row have opened no connection.</summary>
    public int Unopened { get; private set; }

    public void Opened() => Unopened = 0;

    /// <summary>A connection is in use: the token was good.</summary>
    public void Served() => _freshTokenTried = false;

    /// <summary>After a connection that was open.</summary>
    public (ReconnectingClientEnd? End, ReconnectingEvent? Lost) After(DisconnectRecord record, bool isClosing)
    {
        if (isClosing)
            return (EndOf(StopReason.Closed, record), null);

        // A close that we began is answered with our own code.
        var byPeer = record.Reason is DisconnectReason.PeerClosed;
        if (byPeer && record.PeerStatus is { } status && CloseRules.IsFinal(status, record.PeerReason, options.StopStatuses))
            return (EndOf(StopReason.PeerClosed, record), null);

        if (record.Duration >= options.StableAfter)
            backoff.Reset();
        var told = byPeer ? CloseRules.ToldDelay(record.PeerStatus, record.PeerReason) : null;
        return (null, new ReconnectingEvent { Connection = record, Delay = told ?? backoff.Next(), Failures = backoff.Failures });
    }

    /// <summary>After an attempt that opened none.</summary>
    public (ReconnectingClientEnd? End, ReconnectingEvent? Lost) After(Attempt attempt)
    {
        Unopened++;
        options.Metrics?.Attempted(attempt.Status is null ? "failed" : "refused");
        if (attempt.IsMisconfigured)
            return (new ReconnectingClientEnd { Reason = StopReason.Misconfigured, Exception = attempt.Exception }, null);

        var judgement = attempt.Status is { } status ? HandshakeRules.Judge(status) : AfterHandshake.Retry;
        if (judgement is AfterHandshake.Stop || (judgement is AfterHandshake.RetryWithFreshToken && _freshTokenTried))
        {
            return (new ReconnectingClientEnd { Reason = StopReason.Refused, HttpStatus = attempt.Status, Exception = attempt.Exception },
                null);
        }

        _freshTokenTried |= judgement is AfterHandshake.RetryWithFreshToken;
        var delay = judgement is AfterHandshake.RetryWithFreshToken
            ? TimeSpan.Zero : (attempt.RetryAfter ?? TimeSpan.Zero) + backoff.Next();
        var lost = new ReconnectingEvent
        {
            HttpStatus = attempt.Status,
            Exception = attempt.Exception,
            Delay = delay,
            Failures = backoff.Failures,
        };
        return (null, lost);
    }

    private static ReconnectingClientEnd EndOf(StopReason reason, DisconnectRecord record) =>
        new() { Reason = reason, Status = record.PeerStatus, StatusDescription = record.PeerReason };
}
