using System.Collections.Concurrent;
using System.Net;
using System.Security.Claims;
using WsPumps.Endpoints;
using WsPumps.Testing.Frames;
using WsPumps.Testing.Links;
using WsPumps.Testing.Peers;

namespace WsPumps.Testing.Hosting;

/// <summary>Makes links between peers and one transport, and keeps the peers until the end of the host.</summary>
internal sealed class PeerConnector(VirtualTime time, LinkTransport transport)
{
    private readonly ConcurrentQueue<TestPeer> _peers = new();
    private int _count;

    public async Task<HandshakeResult> ConnectAsync(PeerOptions options)
    {
        var number = Interlocked.Increment(ref _count);
        var link = new TestLink(time, options.Window);
        var feature = new LinkFeature(options.Principal ?? SignedIn(options.User));
        var connection = new LinkConnection(link, time.Work, $"peer-{number}", new IPEndPoint(options.Address, 40_000 + (number % 20_000)), transport.EndPoint);
        connection.Features.Set(feature);
        connection.Features.Set<IClientFeature>(feature);

        // Until the endpoint has the connection nobody else can tell whether anything is under way.
        time.Work.Begin();
        try
        {
            if (!transport.TryConnect(connection))
                throw new PumpsTestException("The server has stopped: it takes no new connection.");

            return await ShakeHandsAsync(options, link, $"peer {number} ({options.User ?? "nobody"} at {options.Path})", feature)
                .WaitAsync(TestPeer.Limit, TimeProvider.System).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            link.Reset();
            throw new PumpsTestException(
                $"The handshake of '{options.Path}' had no answer within {TestPeer.Limit} of real time. Is the application started? A WebApplicationFactory starts with its first use: call StartServer().");
        }
        finally
        {
            time.Work.End();
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var peer in _peers)
            await peer.DisposeAsync().ConfigureAwait(false);
    }

    private async Task<HandshakeResult> ShakeHandsAsync(PeerOptions options, TestLink link, string name, LinkFeature feature)
    {
        await link.ToServer.Writer.WriteAsync(new Handshake(options).Request()).ConfigureAwait(false);
        var source = new ByteSource(link.ToPeer.Reader.AsStream());
        HandshakeResult result;
        try
        {
            result = await Handshake.ReadAnswerAsync(source).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or WireViolationException)
        {
            throw new PumpsTestException($"The handshake of {name} failed: {exception.Message}", exception);
        }

        if (result.Status is not HttpStatusCode.SwitchingProtocols)
        {
            link.HalfClose();
            return result;
        }

        // Only now: a handshake that is held back would wait for a clock that nobody moves.
        options.Faults?.ApplyTo(link.ToServer.Faults, link.ToPeer.Faults);
        var inbox = new PeerInbox(time, name, options.Faults?.ToString(), TestPeer.Limit);
        var peer = new TestPeer(link, time, options, name, result.Headers.GetValueOrDefault("Sec-WebSocket-Protocol"), inbox, () => feature.Client);
        _peers.Enqueue(peer);
        _ = peer.ReceiveAsync(source);
        return new HandshakeResult { Status = result.Status, Headers = result.Headers, Body = "", Peer = peer };
    }

    private static ClaimsPrincipal? SignedIn(string? user) =>
        user is null ? null : new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, user), new Claim(ClaimTypes.Name, user)], "Test"));
}
