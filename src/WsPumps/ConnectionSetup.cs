using Microsoft.AspNetCore.Http;

namespace WsPumps;

/// <summary>A request that is about to become a connection.</summary>
public sealed class ConnectionSetup
{
    internal ConnectionSetup(HttpContext httpContext, WebSocketPumpsOptions options, string? subProtocol)
    {
        HttpContext = httpContext;
        Options = options;
        SubProtocol = subProtocol;
    }

    /// <summary>The handshake request. Valid as long as the connection; read from it what is needed later.</summary>
    public HttpContext HttpContext { get; }

    /// <summary>A copy of the endpoint's options for this connection alone.</summary>
    public WebSocketPumpsOptions Options { get; }

    /// <summary>The subprotocol that was agreed on; null for none.</summary>
    public string? SubProtocol { get; }

    internal (int StatusCode, string Message)? Refusal { get; private set; }

    /// <summary>Answers the request with an HTTP error instead of upgrading it.</summary>
    /// <param name="statusCode">400 to 599.</param>
    /// <param name="message">The body of the answer, as plain text. Browsers do not show it to the page.</param>
    public void Refuse(int statusCode, string message = "")
    {
        ArgumentNullException.ThrowIfNull(message);
        if (statusCode is < 400 or > 599)
            throw new ArgumentOutOfRangeException(nameof(statusCode), statusCode, "A request is refused with a status from 400 to 599.");

        Refusal = (statusCode, message);
    }
}
