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

        var socket = new ClientWebSocket();
        Attempt? attempt = null;
        try
        {
            attempt = Configure(socket.Options, subProtocols, token) ?? await HandshakeAsync(socket, limit.Token).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            return attempt;
        }
        finally
        {
            if (attempt?.Socket is null || cancellationToken.IsCancellationRequested)
                socket.Dispose();
        }
    }

    private Attempt? Configure(ClientWebSocketOptions socket, IReadOnlyList<string> subProtocols, string? token)
    {
        socket.CollectHttpResponseDetails = true;
        socket.KeepAliveInterval = options.Connection.PingInterval;
        socket.KeepAliveTimeout = options.Connection.PongTimeout;
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

        if (!string.IsNullOrEmpty(token))
            socket.SetRequestHeader("Authorization", "Bearer " + token);
        return null;
    }

    private async Task<Attempt> HandshakeAsync(ClientWebSocket socket, CancellationToken limit)
    {
        try
        {
            await socket.ConnectAsync(address, options.HttpMessageInvoker, limit).ConfigureAwait(false);
            var attempt = new Attempt
            {
                Socket = socket,
                Received = ResumeNames.Count(Header(socket, ResumeNames.ReceivedHeader)),
                Missed = ResumeNames.Count(Header(socket, ResumeNames.MissedHeader)),
            };
            socket.HttpResponseHeaders = null;
            return attempt;
        }
        catch (Exception exception)
        {
            return new Attempt
            {
                Exception = exception is OperationCanceledException ? Late(exception) : exception,
                Status = socket.HttpStatusCode is 0 ? null : socket.HttpStatusCode,
                RetryAfter = HandshakeRules.RetryAfter(Header(socket, "Retry-After"), time.GetUtcNow()),
                // Contradictions are found by the socket before it sends anything: options that HTTP/2 or the invoker does not allow.
                IsMisconfigured = exception is ArgumentException or InvalidOperationException or NotSupportedException && socket.HttpStatusCode is 0,
            };
        }
    }

    private static string? Header(ClientWebSocket socket, string name) =>
        socket.HttpResponseHeaders is { } headers && headers.TryGetValue(name, out var values) ? values.FirstOrDefault() : null;

    private TimeoutException Late(Exception exception) => new($"There was no connection within {options.ConnectTimeout} (ConnectTimeout).", exception);
}
