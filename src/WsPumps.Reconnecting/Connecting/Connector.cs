using System.Net;
using System.Net.WebSockets;
using WsPumps.Resuming;

namespace WsPumps.Connecting;

/// <summary>Makes connections: asks for the token, configures the socket, and does the handshake, all within one deadline.</summary>
internal sealed class Connector(Uri address, ReconnectingClientOptions options, TimeProvider time)
{
    /// <param name="subProtocols">What to offer.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="OperationCanceledException">The token fired. Everything else is told by what is returned.</exception>
    public async Task<Attempt> ConnectAsync(IReadOnlyList<string> subProtocols, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(options.ConnectTimeout, time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        string? token = null;
        try
        {
            if (options.AccessToken is { } accessToken)
                token = await accessToken(limit.Token).AsTask().WaitAsync(limit.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            return new Attempt { Exception = timeout.IsCancellationRequested ? Late(exception) : exception };
        }

        using var socket = new ClientWebSocket();
        var proxy = socket.Options.Proxy;
        var attempt = Configure(socket.Options, subProtocols, token)
            ?? await HandshakeAsync(socket, proxy, limit.Token).ConfigureAwait(false);
        if (cancellationToken.IsCancellationRequested)
            attempt.Socket?.Dispose();
        cancellationToken.ThrowIfCancellationRequested();
        return attempt;
    }

    private Attempt? Configure(ClientWebSocketOptions socket, IReadOnlyList<string> subProtocols, string? token)
    {
        try
        {
            foreach (var name in subProtocols)
                socket.AddSubProtocol(name);
            options.ConfigureWebSocket?.Invoke(socket);
        }
        catch (Exception exception)
        {
            return new Attempt { Exception = exception, IsMisconfigured = true };
        }

        socket.CollectHttpResponseDetails = true;
        // The pings are those of the pumps.
        socket.KeepAliveInterval = TimeSpan.Zero;
        if (!string.IsNullOrEmpty(token))
            socket.SetRequestHeader("Authorization", "Bearer " + token);
        return null;
    }

    private async Task<Attempt> HandshakeAsync(ClientWebSocket socket, IWebProxy? defaultProxy, CancellationToken limit)
    {
        // A connection that has been taken over outlives what has made it.
        using var own = options.HttpMessageInvoker is null ? HandshakeInvoker.Create(socket.Options, defaultProxy) : null;
        using var upgrade = new Upgrade(own ?? options.HttpMessageInvoker!);
        using var invoker = new HttpMessageInvoker(upgrade, disposeHandler: false);
        try
        {
            await socket.ConnectAsync(address, invoker, limit).ConfigureAwait(false);
            return new Attempt
            {
                Socket = new StreamWebSocket(upgrade.Stream!, new StreamWebSocketOptions
                {
                    IsServer = false,
                    SubProtocol = socket.SubProtocol,
                    NeedsFlush = upgrade.IsMultiplexed,
                    Compression = DeflateAnswer.Read(upgrade.Extensions),
                    CloseTimeout = options.Connection.CloseTimeout,
                    TimeProvider = time,
                }),
                Received = ResumeNames.Count(Header(socket, ResumeNames.ReceivedHeader)),
                Missed = ResumeNames.Count(Header(socket, ResumeNames.MissedHeader)),
            };
        }
        catch (Exception exception)
        {
            if (upgrade.Stream is { } stream)
                await stream.DisposeAsync().ConfigureAwait(false);
            return new Attempt
            {
                Exception = exception is OperationCanceledException ? Late(exception) : exception,
                Status = socket.HttpStatusCode is 0 ? null : socket.HttpStatusCode,
                RetryAfter = HandshakeRules.RetryAfter(Header(socket, "Retry-After"), time.GetUtcNow()),
                // Contradictions are found by the socket before it sends anything: options that HTTP/2 or the invoker does not allow.
                IsMisconfigured = exception is ArgumentException or InvalidOperationException or NotSupportedException
                    && socket.HttpStatusCode is 0,
            };
        }
    }

    private static string? Header(ClientWebSocket socket, string name) =>
        socket.HttpResponseHeaders is { } headers && headers.TryGetValue(name, out var values) ? values.FirstOrDefault() : null;

    private TimeoutException Late(Exception exception) =>
        new($"There was no connection within {options.ConnectTimeout} (ConnectTimeout).", exception);
}
