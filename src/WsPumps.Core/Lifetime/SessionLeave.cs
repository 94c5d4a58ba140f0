using WsPumps.Diagnostics;
using WsPumps.Sessions;

namespace WsPumps.Lifetime;

/// <summary>
/// The server stops: a session has its connection closed, and is kept here until its peer has come back on another server, or until its
/// window is over.
/// </summary>
internal sealed class SessionLeave(Connection connection, Session session, ClientOptions options)
{
    private readonly TimeSpan _writeTimeout = options.WriteTimeout;
    private readonly TimeSpan _closeTimeout = options.CloseTimeout;

    /// <summary>How the connection is closed although the session goes on; null while it is not.</summary>
    private DisconnectCause? _cause;

    /// <summary>With what it ends when no other process is left that could go on with it; null while it does not wait for one.</summary>
    private DisconnectCause? _waits;

    /// <summary>Whether the session may go on in another process now; null where it never may.</summary>
    public Func<bool>? MayMove { get; set; }

    /// <summary>Whether this process is to be left and no other one could take the session.</summary>
    public Func<bool>? IsStranded { get; set; }

    /// <summary>With what a session ends that waits in vain; null while it does not.</summary>
    public DisconnectCause? Stranded => Volatile.Read(ref _waits) is { } cause && IsStranded!() ? cause : null;

    /// <summary>Whether the close frame that has come is the peer's answer to ours, and not a wish of its own.</summary>
    public bool IsAnswered => _cause?.Status is { } status && session.Transport.PeerStatus == status;

    /// <returns>False where there is no server that could take it.</returns>
    public bool TryBegin(DisconnectCause cause)
    {
        if (MayMove is null || cause.Reason is not DisconnectReason.Shutdown || connection.Disconnection.HasBegun || !MayMove())
            return false;

        Volatile.Write(ref _waits, cause);
        if (Interlocked.CompareExchange(ref _cause, cause, null) is null)
            _ = CountedWork.Run(connection.Time, CloseAsync);
        return true;
    }

    /// <summary>A connection serves the session again.</summary>
    public void EndWait() => Volatile.Write(ref _waits, null);

    private async Task CloseAsync()
    {
        var wire = session.Wire;
        try
        {
            var close = Volatile.Read(ref _cause)!;
            if (await session.Transport.TryLeaveAsync(close.Status!.Value, close.Text).WaitAsync(_writeTimeout, connection.Time)
                .ConfigureAwait(false))
            {
                await wire.Left.WaitAsync(_closeTimeout, connection.Time).ConfigureAwait(false);
            }
        }
        catch (Exception)
        {
            // Whatever it was: the connection is given up.
        }

        session.Lose(wire, DisconnectReason.Shutdown, null);
        Volatile.Write(ref _cause, null);
    }
}
