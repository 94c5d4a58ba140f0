using System.Net;
using Microsoft.Extensions.Logging;

namespace WsPumps.Testing;

/// <content>Peers that come, and the end.</content>
public sealed partial class PumpsTestHost
{
    /// <summary>How far the clock may be moved for an application to stop.</summary>
    private static readonly TimeSpan StopLimit = TimeSpan.FromMinutes(5);

    private const string Stop = "the stop of the application";

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
        return result.Peer ?? throw new PumpsTestException(result.Status is HttpStatusCode.OK
            ? $"'{options.Path}' is no WebSocket endpoint: the server answered with 200 OK."
            : $"The server refused '{options.Path}' with {(int)result.Status} {result.Status}: {result.Body}");
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
            ? Time.AdvanceUntilAsync(Time.RunAsync(() => app.StopAsync(), Stop), StopLimit, Stop)
            : throw new InvalidOperationException("The application was started elsewhere, and is stopped there. A factory stops with " +
                "'await host.Time.AdvanceUntilAsync(factory.DisposeAsync().AsTask(), TimeSpan.FromMinutes(1))'.");

    /// <summary>Resets all connections that are still open, and stops the application if it was started here.</summary>
    /// <remarks>Where something does not come to rest, that is logged, so that it does not hide why the test has failed.</remarks>
    public async ValueTask DisposeAsync()
    {
        await _connector.DisposeAsync().ConfigureAwait(false);
        if (_app is null)
            return;

        try
        {
            if (await Time.RestsWithinAsync(TimeSpan.FromSeconds(1)).ConfigureAwait(false))
                await StopAsync().ConfigureAwait(false);
            else
                NoteNotStopped(null);
        }
        catch (PumpsTestException exception) when (Time.IsStuck)
        {
            NoteNotStopped(exception);
        }
        finally
        {
            await _app.DisposeAsync().ConfigureAwait(false);
        }
    }
    private void NoteNotStopped(PumpsTestException? exception) => Logs.Add("WsPumps.Testing", LogLevel.Warning, default,
        "The application was not stopped, because something does not come to rest.", exception);
}
