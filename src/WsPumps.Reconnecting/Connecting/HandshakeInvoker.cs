using System.Net;
using System.Net.WebSockets;

namespace WsPumps.Connecting;

/// <summary>Sends the request of one handshake as the options of the socket say, as the runtime's WebSocket would do by itself.</summary>
internal static class HandshakeInvoker
{
    /// <summary>Takes over what the runtime's WebSocket does not allow beside an invoker.</summary>
    /// <param name="options">The options, configured by the application.</param>
    /// <param name="defaultProxy">What the options' proxy is where the application has not set one.</param>
    public static HttpMessageInvoker Create(ClientWebSocketOptions options, IWebProxy? defaultProxy)
    {
        var handler = new SocketsHttpHandler
        {
            PooledConnectionLifetime = TimeSpan.Zero,
            UseCookies = options.Cookies is not null,
            UseProxy = options.Proxy is not null,
            Credentials = options.UseDefaultCredentials ? CredentialCache.DefaultCredentials : options.Credentials,
            SslOptions = { RemoteCertificateValidationCallback = options.RemoteCertificateValidationCallback },
        };
        if (options.Cookies is { } cookies)
            handler.CookieContainer = cookies;
        if (options.Proxy is { } proxy && proxy != defaultProxy)
            handler.Proxy = proxy;
        if (options.ClientCertificates is { Count: > 0 } certificates)
            handler.SslOptions.ClientCertificates = [.. certificates];

        (options.Cookies, options.Proxy, options.RemoteCertificateValidationCallback, options.ClientCertificates) = (null, null, null, []);
        options.UseDefaultCredentials = false;
        options.Credentials = null;
        return new HttpMessageInvoker(handler);
    }
}
