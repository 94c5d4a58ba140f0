using System.Net.WebSockets;
using System.Security.Claims;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features.Authentication;
using WsPumps.Clustering;
using WsPumps.Diagnostics;
using WsPumps.Hosting;

namespace WsPumps.Sessions;

/// <summary>
/// What one request has to do with a session: it resumes one, or begins one that can be resumed. docs/resume.md has the protocol.
/// </summary>
internal sealed class SessionRequest(
    PumpsServer server, SessionTable sessions, SessionMobility? mobility, ResumeOffer? offer, HttpContext http) : IDisposable
{
    /// <summary>Service restart: the peer may come again at once.</summary>
    public const WebSocketCloseStatus ComeAgain = (WebSocketCloseStatus)1012;

    public const string CouldNotGoOn = "The session could not go on. Connect again.";

    private const string ReceivedHeader = "WsPumps-Received";
    private const string MissedHeader = "WsPumps-Missed";

    private readonly bool _isTold = http.WebSockets.WebSocketRequestedProtocols.Contains(ResumeOffer.Told);
    private SessionKey _key;
    private ResumeClaim? _claim;
    private readonly SessionEntry _mine = new();
    private bool _isOurs;
    private SessionSeal? _seal;
    private MovableSession? _movable;
    private SoughtSession? _sought;

    /// <summary>Whether an older session goes on with this connection.</summary>
    public bool IsResumed => _claim is { IsGranted: true };

    /// <summary>Whether a session of another server goes on with this connection, once it was taken.</summary>
    public bool IsMoving => _sought is { Offer.IsGranted: true };

    /// <summary>What another server has said of the session; null where none has it.</summary>
    public SessionOffer? Offer => _sought?.Offer;

    /// <summary>Whether there is a session that may go on, as far as can be told before setup.</summary>
    public bool MayResume { get; } = offer is not null && sessions.Knows(offer.Secret);

    /// <summary>Whether a fresh session can be resumed later: the client has said how it would be known.</summary>
    public bool IsKept { get; private set; } = offer is not null;

    private ClaimsPrincipal? User => http.Features.Get<IHttpAuthenticationFeature>()?.User is { Identity.IsAuthenticated: true } user
        ? user : null;

    /// <summary>Before the request is upgraded, and after all that it has to pass.</summary>
    /// <param name="authenticationExpiresAt">When the authentication of this request expires.</param>
    /// <param name="limit">How long a session that is just beginning is waited for.</param>
    public async Task<bool> TryResumeAsync(DateTimeOffset? authenticationExpiresAt, TimeSpan limit)
    {
        if (offer is null)
            return false;

        _key = new SessionKey(offer.Secret, User is { } user ? server.Users.IdOf(user) : null, http.Request.Headers.Origin.ToString());
        _seal = mobility?.SealOf(_key);
        var entry = sessions.GetOrAdd(_key, _mine);
        for (; entry != _mine; entry = sessions.GetOrAdd(_key, _mine))
        {
            if (await ClientOfAsync(entry, limit) is { } client)
            {
                _claim = await client.ClaimAsync(offer.Received);
                if (_claim.IsGranted)
                {
                    server.Metrics.Resumed("resumed");
                    if (User is not null || authenticationExpiresAt is not null)
                        client.RefreshAuthentication(authenticationExpiresAt, User);
                    return true;
                }

                // Whoever has sent this request may have gone on with another one since: the session is not to end for it.
                if (http.RequestAborted.IsCancellationRequested)
                {
                    IsKept = false;
                    return false;
                }

                client.Abort();
                // Where it says nothing, the session had ended, or has moved.
                _claim = _claim.MessagesMissed is null ? null : _claim;
            }

            // A fresh one takes its place, under the same key.
            if (sessions.TryReplace(_key, entry, _mine))
                break;
        }

        if (_seal is not null)
            _movable = mobility!.Add(_seal, _mine);
        return false;
    }

    /// <summary>Asks the other servers for the session, where this one does not have it. After all that a request has to pass.</summary>
    public async Task SeekAsync()
    {
        if (offer is null || !IsKept)
            return;

        var isAgain = offer.Received > 0 || http.WebSockets.WebSocketRequestedProtocols.Contains(ResumeOffer.Again);
        if (_seal is not null && _claim is null && isAgain)
            _sought = await mobility!.AskAsync(_seal, offer.Received, http.RequestAborted);
        // One that moves is counted when it has.
        if (!IsMoving)
            server.Metrics.Resumed(Missed is not null || _claim is not null ? "missed" : isAgain ? "unknown" : "first");
    }

    /// <inheritdoc cref="SessionMobility.TakeAsync"/>
    public Task<MovedSession?> TakeAsync(Client client, Func<IReadOnlyCollection<string>, ValueTask<bool>> join) =>
        mobility!.TakeAsync(_sought!, _mine, client, _key.UserId, join);

    private async Task<Client?> ClientOfAsync(SessionEntry entry, TimeSpan limit)
    {
        try
        {
            return await CountedWork.Until(server.Time, entry.Task).WaitAsync(limit, server.Time);
        }
        catch (TimeoutException)
        {
            return null;
        }
    }

    /// <summary>The answer to the handshake: which subprotocol is chosen, and what headers tell.</summary>
    /// <param name="own">The application's own; null for none.</param>
    public string? Answer(string? own)
    {
        _isOurs = IsResumed || IsMoving || own is null;
        if (IsResumed || IsMoving)
        {
            http.Response.Headers[ReceivedHeader] = $"{Received}";
            return offer!.Name;
        }

        if (Missed is { } missed)
            http.Response.Headers[MissedHeader] = $"{missed}";
        return own ?? (http.WebSockets.WebSocketRequestedProtocols.Contains(ResumeOffer.Fresh) ? ResumeOffer.Fresh : null);
    }

    /// <summary>Tells a browser, whose page sees no headers, as the first message. Before anybody else writes.</summary>
    public async Task TellAsync(WebSocket webSocket, TimeSpan limit, TimeProvider time)
    {
        if (!_isTold || !_isOurs || webSocket.SubProtocol is null)
            return;

        var told = IsResumed || IsMoving ? $"wspumps.resumed.{Received}"
            : Missed is { } missed ? $"{ResumeOffer.Fresh}.{missed}"
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
            ? (ComeAgain, CouldNotGoOn)
            : (WebSocketCloseStatus.PolicyViolation, "The session was resumed by a newer connection.");
        await webSocket.CloseOutputAsync(status, reason, CancellationToken.None);
    }

    /// <summary>A fresh session begins.</summary>
    /// <param name="client">The client; null where it is none of ours, which cannot be resumed.</param>
    public void Begin(Client? client)
    {
        if (client is null || !IsKept)
        {
            End();
            return;
        }

        sessions.Begin(_key, _mine, client);
        mobility?.Begin(client);
    }

    /// <summary>The request is over, and with it a session that it has begun.</summary>
    public void Dispose()
    {
        End();
        _sought?.Dispose();
    }

    private long Received => _claim?.MessagesReceived ?? _sought!.Offer.MessagesReceived;

    private long? Missed => _claim?.MessagesMissed ?? _sought?.Offer.MessagesMissed;

    private void End()
    {
        sessions.End(_key, _mine);
        if (_movable is { } movable)
            mobility!.Remove(movable);
    }
}
