using System.Net.WebSockets;
using System.Security.Claims;
using WsPumps.Lifetime;

namespace WsPumps;

/// <content>How a client runs and ends.</content>
public sealed partial class Client
{
    private int _writePumpStarted;
    private int _readPumpStarted;
    private int _pumpsLeft = 2;
    private bool _writingHasEnded;
    private bool _ended;

    /// <inheritdoc/>
    public Task CloseAsync(
        WebSocketCloseStatus status = WebSocketCloseStatus.NormalClosure,
        string? reason = null,
        CloseMode mode = CloseMode.Drain,
        CancellationToken cancellationToken = default)
    {
        _connection.Close(DisconnectCause.Local(status, reason), mode);
        return WhenWrittenAsync(cancellationToken);
    }

    /// <summary>Closes the connection by a rule of the server, whose reason and close code it gets.</summary>
    internal Task CloseAsync(DisconnectReason rule)
    {
        _connection.Close(DisconnectCause.Rule(rule), CloseMode.Drain);
        return WhenWrittenAsync(CancellationToken.None);
    }

    /// <inheritdoc/>
    public void RefreshAuthentication(DateTimeOffset? expiresAt, ClaimsPrincipal? user = null)
    {
        if (user is not null)
        {
            _connection.Authentication.CheckSameUser(User, user);
            Volatile.Write(ref _user, user);
        }

        _connection.AuthenticationExpiresAt = expiresAt;
    }

    /// <summary>
    /// A peer has come back with another connection: ends the older one, and prepares the session to go on with this one. With
    /// <see cref="ClientSettings.Resume"/> only; docs/resume.md has the protocol.
    /// </summary>
    /// <param name="messagesReceived">How many data messages the peer says that it has received in the session.</param>
    /// <returns>
    /// Whether it can go on, after at most <see cref="ClientOptions.CloseTimeout"/>. Of several claims only the latest is served.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="messagesReceived"/> is negative.</exception>
    public ValueTask<ResumeClaim> ClaimAsync(long messagesReceived)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(messagesReceived);
        return _connection.ClaimAsync(messagesReceived);
    }

    /// <inheritdoc/>
    public void Abort()
    {
        if (!_completion.Task.IsCompleted)
            _connection.Abort(DisconnectCause.Without(DisconnectReason.Aborted));
    }

    /// <inheritdoc/>
    public Task WritePumpAsync(Action<IClient> unregister, TimeSpan pingInterval, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(unregister);
        StartOnce(ref _writePumpStarted, "write");
        _heartbeat.Add(_connection);
        return _connection.WriteAsync(pingInterval, unregister, cancellationToken);
    }

    /// <inheritdoc/>
    public Task ReadPumpAsync(Action<IClient> unregister, IReadOnlyList<MessageHandler> handlers, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(unregister);
        ArgumentNullException.ThrowIfNull(handlers);
        StartOnce(ref _readPumpStarted, "read");
        return _connection.ReadAsync(handlers, unregister, cancellationToken);
    }

    void IConnectionOwner.WritingEnded(Action<IClient> unregister)
    {
        Volatile.Write(ref _writingHasEnded, true);
        Interlocked.MemoryBarrier();
        _writingEnded?.TrySetResult();
        PumpEnded(unregister);
    }

    void IConnectionOwner.ReadingEnded(Action<IClient> unregister) => PumpEnded(unregister);

    void IConnectionOwner.GiveUp()
    {
        if (!Volatile.Read(ref _writingHasEnded))
            return;

        DisconnectLog.PumpStuck(_logger, Id);
        End();
    }

    /// <summary>There may never be a pump to carry the close frame; one that is started later ends at once.</summary>
    private Task WhenWrittenAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _writePumpStarted) == 0)
            return Task.CompletedTask;

        // Either this sees that the writing has ended, or its end sees who waits: each writes first and then looks, with a barrier between.
        var ended = _writingEnded ?? Interlocked.CompareExchange(ref _writingEnded, new(TaskCreationOptions.RunContinuationsAsynchronously),
            null) ?? _writingEnded;
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _writingHasEnded))
            ended.TrySetResult();
        return ended.Task.WaitAsync(cancellationToken);
    }

    private void StartOnce(ref int started, string pump)
    {
        if (Interlocked.Exchange(ref started, 1) != 0)
            throw new InvalidOperationException($"The {pump} pump of client {Id} was started before. Each pump runs once.");
    }

    /// <summary>The pump that ends last ends the connection.</summary>
    private void PumpEnded(Action<IClient> unregister)
    {
        if (Interlocked.Decrement(ref _pumpsLeft) > 0)
            return;

        End();
        unregister(this);
    }

    private void End()
    {
        if (Interlocked.Exchange(ref _ended, true))
            return;

        _heartbeat.Remove(_connection);
        var record = _connection.Report();
        try
        {
            DisconnectLog.Ended(_logger, Id, record);
        }
        finally
        {
            _completion.SetResult(record);
        }
    }
}
