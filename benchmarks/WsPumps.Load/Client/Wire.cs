namespace WsPumps.Load.Client;

/// <summary>Carries the bytes of a WebSocket to the server and back. Nothing blocks.</summary>
internal abstract class Wire : IDisposable
{
    /// <summary>What is returned where nothing can be read, or written, for now.</summary>
    public const int NotNow = -1;

    /// <summary>What is returned where the connection is gone.</summary>
    public const int Lost = -2;

    /// <summary>Whether it has bytes of its own to send, which the next <see cref="Send"/> begins with.</summary>
    public virtual bool HasPending => false;

    /// <returns>How many bytes; 0 at the end of the connection, <see cref="NotNow"/>, or <see cref="Lost"/>.</returns>
    public abstract int Receive(Span<byte> buffer);

    /// <returns>How many of the bytes it has taken, <see cref="NotNow"/>, or <see cref="Lost"/>.</returns>
    public abstract int Send(ReadOnlySpan<byte> bytes);

    public virtual void Dispose()
    {
    }
}
