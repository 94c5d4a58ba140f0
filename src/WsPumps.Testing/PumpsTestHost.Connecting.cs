namespace WsPumps.Testing;

/// <content>Peers that come, and the end.</content>
public sealed partial class PumpsTestHost
{
    /// <summary>How far the clock may be moved for an application to stop.</summary>
    private static readonly TimeSpan StopLimit = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Connects a peer, and returns when everything is at rest: the connection is then registered, unless a callback waits for the clock.
    /// </summary>
    /// <param name="path">Path and query of the endpoint.</param>
    /// <param name="user">Who is signed in; null for nobody.</param>
    /// <param name="subProtocols">The subprotocols to offer, the preferred one first.</param>
    /// <exception cref="PumpsTestException">The server refuses. See <see cref="TryConnectAsync"/>.</exception>
    public Task<TestPeer> ConnectAsync(string path = "/", string? user = null, params string[] subProtocols) =>
        ConnectAsync(new PeerOptions { Path = path, User = user, SubProtocols = subProtocols });

    /// <summary>Connects a peer with all options.</summary>
    /// <exception cref="PumpsTestException">The server refuses. See <see cref="TryConnectAsync"/>.</exception>
    public async Task<TestPeer> ConnectAsync(PeerOptions options)
    {
        var result = await TryConnectAsync(options).ConfigureAwait(false);
        return result.Peer ?? throw new PumpsTestException($"The server refused '{options.Path}' with {(int)result.Status} " +
            $"{result.Status}: {result.Body}");
    }

    /// <summary>Sends the request of a handshake, and returns the answer, whatever it is.</summary>
    public async Task<HandshakeResult> TryConnectAsync(PeerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (_services is null)
        {
            throw new InvalidOperationException("The application has not been started. A WebApplicationFactory starts with its first " +
                "use: call StartServer() before.");
        }

        var result = await _connector.ConnectAsync(options).ConfigureAwait(false);
        await Time.SettleAsync().ConfigureAwait(false);
        return result;
    }

    /// <summary>Stops the application as SIGTERM does, and moves the clock as far as that needs.</summary>
    /// <returns>How far the clock was moved.</returns>
    /// <exception cref="InvalidOperationException">The application was started elsewhere, and must be stopped there.</exception>
    public Task<TimeSpan> StopAsync() =>
        _app is { } app
            ? Time.AdvanceUntilAsync(Time.RunAsync(() => app.StopAsync(), "the stop of the application"), StopLimit)
            : throw new InvalidOperationException("The application is stopped by whoever has started it.");

    /// <summary>Resets all connections that are still open, and stops the application if it was started here.</summary>
    public async ValueTask DisposeAsync()
    {
        await _connector.DisposeAsync().ConfigureAwait(false);
        if (_app is null)
            return;

        try
        {
            await StopAsync().ConfigureAwait(false);
        }
        finally
        {
            await _app.DisposeAsync().ConfigureAwait(false);
        }
    }
}
