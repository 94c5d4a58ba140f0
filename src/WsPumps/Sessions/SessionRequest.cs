using System.Net.WebSockets;
using System.Security.Claims;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features.Authentication;
using WsPumps.Hosting;

namespace WsPumps.Sessions;

/// <summary>
/// What one request has to do with a session: it resumes one, or begins one that can be resumed. docs/resume.md has the protocol.
/// </summary>
internal sealed class SessionRequest(PumpsServer server, SessionTable sessions, ResumeOffer? offer, HttpContext http)
{
    private const string ReceivedHeader = "WsPumps-Received";
    private const string MissedHeader = "WsPumps-Missed";

    private readonly bool _isTold = http.WebSockets.WebSocketRequestedProtocols.Contains(ResumeOffer.Told);
    private SessionKey _key;
    private ResumeClaim? _claim;
    private Client? _client;
    private bool _isOurs;

    /// <summary>Whether an older session goes on with this connection.</summary>
    public bool IsResumed => _claim is { IsGranted: true };

    /// <summary>Whether there is a session that may go on, as far as can be told before setup.</summary>
    public bool MayResume { get; } = offer is not null && sessions.Knows(offer.Secret);

    /// <summary>Whether a fresh session can be resumed later: the client has said how it would be known.</summary>
    public bool IsKept => offer is not null;

    private ClaimsPrincipal? User => http.Features.Get<IHttpAuthenticationFeature>()?.User is { Identity.IsAuthenticated: true } user
        ? user : null;

    /// <summary>Before the request is upgraded, and after all that it has to pass.</summary>
    public async Task<bool> TryResumeAsync(DateTimeOffset? authenticationExpiresAt)
    {
        if (offer is null)
            return false;

        _key = new SessionKey(offer.Secret, User is { } user ? server.UserIdOf(user) : null, http.Request.Headers.Origin.ToString());
        if (sessions.Find(_key) is not { } client)
        {
            server.Metrics.Resumed(offer.Received == 0 ? "first" : "unknown");
            return false;
        }

        _claim = await client.ClaimAsync(offer.Received);
        server.Metrics.Resumed(_claim.IsGranted ? "resumed" : "missed");
        if (!_claim.IsGranted)
        {
            // A fresh one takes its place, under the same key.
            client.Abort();
            return false;
        }

        if (User is not null || authenticationExpiresAt is not null)
            client.RefreshAuthentication(authenticationExpiresAt, User);
        return true;
    }

    /// <summary>The answer to the handshake: which subprotocol is chosen, and what headers tell.</summary>
    /// <param name="own">The application's own; null for none.</param>
    public string? Answer(string? own)
    {
        _isOurs = IsResumed || own is null;
        if (IsResumed)
        {
            http.Response.Headers[ReceivedHeader] = $"{_claim!.MessagesReceived}";
            return offer!.Name;
        }

        if (_claim?.MessagesMissed is { } missed)
            http.Response.Headers[MissedHeader] = $"{missed}";
        return own ?? (http.WebSockets.WebSocketRequestedProtocols.Contains(ResumeOffer.Fresh) ? ResumeOffer.Fresh : null);
    }

    /// <summary>Tells a browser, whose page sees no headers, as the first message. Before anybody else writes.</summary>
    public async Task TellAsync(WebSocket webSocket, TimeSpan limit, TimeProvider time)
    {
        if (!_isTold || !_isOurs || webSocket.SubProtocol is null)
            return;

        var told = IsResumed ? $"wspumps.resumed.{_claim!.MessagesReceived}"
            : _claim?.MessagesMissed is { } missed ? $"{ResumeOffer.Fresh}.{missed}"
            : ResumeOffer.Fresh;
        await webSocket.SendAsync(Encoding.ASCII.GetBytes(told).AsMemory(), WebSocketMessageType.Text, endOfMessage: true,
            CancellationToken.None)
            .AsTask().WaitAsync(limit, time);
    }

    /// <summary>Serves the older session, until this connection is lost or the session ends.</summary>
    public async Task ServeAsync(WebSocket webSocket, CancellationToken requestAborted)
    {
        if (await _claim!.ServeAsync(webSocket, requestAborted))
            return;

        // 1012 says: come again.
        var (status, reason) = _claim.IsLatest
            ? ((WebSocketCloseStatus)1012, "The session could not go on. Connect again.")
            : (WebSocketCloseStatus.PolicyViolation, "The session was resumed by a newer connection.");
        await webSocket.CloseOutputAsync(status, reason, CancellationToken.None);
    }

    /// <summary>A fresh session begins.</summary>
    public void Begin(Client client)
    {
        if (!IsKept)
            return;

        _client = client;
        sessions.Add(_key, client);
    }

    /// <summary>It has ended.</summary>
    public void End()
    {
        if (_client is not null)
            sessions.Remove(_key, _client);
    }
}
