using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Timeouts;
using WsPumps.Hosting;
using WsPumps.Sessions;

namespace WsPumps.Endpoints;

/// <summary>From a request to an open connection: check, set up, find a place within the limits, accept. Or the answer that refuses
/// it.</summary>
internal sealed class ServerHandshake(PumpsServer server, WebSocketPumpsEndpointBuilder endpoint, Func<ClientFactoryContext, Client> create)
{
    private readonly RequestChecks _checks = new(server, endpoint);
    private readonly SetupStep _setUp = new(server, endpoint);

    /// <summary>Null where the connections of the endpoint are counted nowhere.</summary>
    private ServerMetrics? Metrics => endpoint.IsInternal ? null : server.Metrics;

    /// <returns>The open connection; null when the request was answered instead.</returns>
    public async Task<ClientFactoryContext?> RunAsync(HttpContext http, WebSocketUpgrade? upgrade, Admission admission,
        SessionRequest? session)
    {
        if (_checks.Check(http, admission, session is { MayResume: true }, out var subProtocol) is { } refusal)
        {
            await RefuseAsync(http, refusal);
            return null;
        }

        var setup = await SetUpAsync(http, subProtocol);
        if ((setup.Refusal ?? await EnterAsync(http, admission, session, setup)) is { } refusalAfterSetup)
        {
            await RefuseAsync(http, refusalAfterSetup);
            return null;
        }

        if (await AcceptAsync(http, upgrade, setup, session) is not { } webSocket)
            return null;

        return new ClientFactoryContext(http, webSocket, setup.Options, create)
        {
            Resume = session is { IsKept: true } ? endpoint.Resume : null,
            Moving = session is { IsMoving: true } ? session.Offer : null,
            AuthenticationExpiresAt = setup.AuthenticationExpiresAt,
            // The default client sees to it by itself.
            Authentication = endpoint.ClientFactory is null ? null
                : new ForeignAuthentication(setup.AuthenticationExpiresAt, server.Time, server.Logger),
        };
    }

    /// <summary>A session that goes on has its places in all limits; everybody else needs one in each.</summary>
    private async ValueTask<Refusal?> EnterAsync(HttpContext http, Admission admission, SessionRequest? session, ConnectionSetup setup)
    {
        if (session is not null && !server.IsDraining
            && await session.TryResumeAsync(setup.AuthenticationExpiresAt, setup.Options.CloseTimeout))
        {
            return null;
        }

        var refusal = (session is { MayResume: true } ? _checks.EnterApplication(http, admission) : null)
            ?? _checks.CheckAgain(http, admission);
        // One that comes from another server needs its places here.
        if (refusal is null && session is not null)
            await session.SeekAsync();
        return refusal;
    }

    /// <returns>Null when the server did not upgrade the request; it is answered then.</returns>
    private async Task<WebSocket?> AcceptAsync(HttpContext http, WebSocketUpgrade? upgrade, ConnectionSetup setup, SessionRequest? session)
    {
        if (upgrade is not null)
        {
            upgrade.DirectWrites = endpoint.Options.DirectWrites;
            upgrade.Compression = setup.Options.Compression is { } compression && endpoint.Options.AllowCompression(http)
                ? compression : null;
            upgrade.CloseTimeout = setup.Options.CloseTimeout;
            upgrade.TimeProvider = server.Time;
        }

        http.Features.Get<IHttpRequestTimeoutFeature>()?.DisableTimeout();
        // Where frames cannot be seen, the platform's keep-alive stands in for ours. Never both.
        var platformPings = upgrade is null || endpoint.PlatformKeepAlive;
        try
        {
            var webSocket = await http.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext
            {
                SubProtocol = session is null ? setup.SubProtocol : session.Answer(setup.SubProtocol),
                KeepAliveInterval = platformPings ? setup.Options.PingInterval : TimeSpan.Zero,
                KeepAliveTimeout = setup.Options.PongTimeout,
            });
            if (session is not null)
                await session.TellAsync(webSocket, setup.Options.WriteTimeout, server.Time);
            return webSocket;
        }
        catch (InvalidOperationException exception) when (upgrade is { IsRefused: true } && !http.Response.HasStarted)
        {
            // What the framework has put into the answer for an upgrade.
            http.Response.Clear();
            await RefuseAsync(http, _checks.NotUpgraded(http, exception));
            return null;
        }
        catch
        {
            Metrics?.Refused(http, RefusalReason.HandshakeFailed);
            throw;
        }
    }

    private async Task<ConnectionSetup> SetUpAsync(HttpContext http, string? subProtocol)
    {
        try
        {
            return await _setUp.RunAsync(http, subProtocol);
        }
        catch
        {
            Metrics?.Refused(http, RefusalReason.SetupFailed);
            throw;
        }
    }

    private Task RefuseAsync(HttpContext http, Refusal refusal)
    {
        Metrics?.Refused(http, refusal.Why);
        return refusal.WriteAsync(http);
    }
}
