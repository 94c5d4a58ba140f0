namespace WsPumps.Hosting;

/// <summary>Tells those who configure an endpoint too late: what it was mapped with is what its connections get.</summary>
internal sealed class Mapping
{
    private volatile bool _hasEnded;

    public void End() => _hasEnded = true;

    /// <exception cref="InvalidOperationException">The endpoint is mapped.</exception>
    public void ThrowIfEnded()
    {
        if (!_hasEnded)
            return;

        throw new InvalidOperationException("The endpoint is mapped already, and what is added or set now would reach no connection. " +
            "Configure it inside the callback of MapWebSocketPumps, before that returns.");
    }

    /// <returns>The same value.</returns>
    /// <inheritdoc cref="ThrowIfEnded"/>
    public T Open<T>(T value)
    {
        ThrowIfEnded();
        return value;
    }
}
