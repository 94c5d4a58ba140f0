using System.Net.WebSockets;

namespace WsPumps.Connecting;

/// <summary>Makes connections: asks for the token, configures the socket, and does the handshake, all within one deadline.</summary>
internal sealed class Connector(Uri address, ReconnectingClientOptions options, TimeProvider time)
{
    /// <exception cref="OperationCanceledException">The token fired. Everything else is told by what is returned.</exception>
    public async Task<Attempt> ConnectAsync(CancellationToken cancellationToken)
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
            attempt = Configure(socket.Options, token) ?? await HandshakeAsync(socket, limit.Token).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            return attempt;
        }
        finally
        {
            if (attempt?.Socket is null || cancellationToken.IsCancellationRequested)
                socket.Dispose();
        }
    }

    private Attempt? Configure(ClientWebSocketOptions socket, string? token)
    {
        socket.CollectHttpResponseDetails = true;
        socket.KeepAliveInterval = options.Connection.PingInterval;
        socket.KeepAliveTimeout = options.Connection.PongTimeout;
        try
        {
            foreach (var name in options.SubProtocols)
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
            socket.HttpResponseHeaders = null;
            return new Attempt { Socket = socket };
        }
        catch (Exception exception)
        {
            return new Attempt
            {
                Exception = exception is OperationCanceledException ? Late(exception) : exception,
                Status = socket.HttpStatusCode is 0 ? null : socket.HttpStatusCode,
                RetryAfter = socket.HttpResponseHeaders is { } headers && headers.TryGetValue("Retry-After", out var values)
                    ? HandshakeRules.RetryAfter(values.FirstOrDefault(), time.GetUtcNow())
                    : null,
                // Contradictions are found by the socket before it sends anything: options that HTTP/2 or the invoker does not allow.
                IsMisconfigured = exception is ArgumentException or InvalidOperationException or NotSupportedException && socket.HttpStatusCode is 0,
            };
        }
    }

    private TimeoutException Late(Exception exception) => new($"There was no connection within {options.ConnectTimeout} (ConnectTimeout).", exception);
}
