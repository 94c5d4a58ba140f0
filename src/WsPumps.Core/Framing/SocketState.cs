using System.Net.WebSockets;

namespace WsPumps.Framing;

/// <summary>How far a <see cref="StreamWebSocket"/> has come. What happened stays; several threads may note things at once.</summary>
internal struct SocketState
{
    public const int CloseSent = 1;
    public const int CloseReceived = 2;

    /// <summary>The peer broke a rule, or the connection was lost: nothing more can be read.</summary>
    public const int Faulted = 4;

    /// <summary>The connection was torn down.</summary>
    public const int Aborted = 8;
    public const int Disposed = 16;

    /// <summary>A client's pumps read and write.</summary>
    public const int Owned = 32;

    private int _flags;

    public WebSocketState Current => Volatile.Read(ref _flags) switch
    {
        var flags when (flags & (Aborted | Faulted)) != 0 => WebSocketState.Aborted,
        var flags when (flags & Disposed) != 0 || (flags & (CloseSent | CloseReceived)) == (CloseSent | CloseReceived) =>
            WebSocketState.Closed,
        var flags when (flags & CloseSent) != 0 => WebSocketState.CloseSent,
        var flags => (flags & CloseReceived) != 0 ? WebSocketState.CloseReceived : WebSocketState.Open,
    };

    /// <returns>Whether one of them was noted.</returns>
    public bool Has(int any) => (Volatile.Read(ref _flags) & any) != 0;

    /// <returns>Whether it was noted already.</returns>
    public bool Add(int flag) => (Interlocked.Or(ref _flags, flag) & flag) != 0;

    /// <returns>Why an operation cannot begin now; null where it can.</returns>
    public Exception? Refusal(params ReadOnlySpan<WebSocketState> valid)
    {
        if (Has(Owned))
        {
            return new InvalidOperationException("This WebSocket belongs to a client, whose pumps alone read and write. Write through " +
                "IClient.");
        }

        var current = Current;
        return valid.Contains(current)
            ? null
            : new WebSocketException(WebSocketError.InvalidState,
                $"The WebSocket is {current}; for this it must be {string.Join(" or ", valid.ToArray())}.");
    }

    /// <summary>An operation failed: notes that the connection is lost.</summary>
    /// <returns>What it throws.</returns>
    public Exception Lost(Exception exception, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return new OperationCanceledException(exception.Message, exception, cancellationToken);
        if (Has(Aborted))
            return new OperationCanceledException("The WebSocket was aborted.", exception);

        Add(Faulted);
        return new WebSocketException(WebSocketError.ConnectionClosedPrematurely, exception);
    }
}
