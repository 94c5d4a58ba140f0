using System.Collections.Concurrent;
using System.Net;
using System.Security.Claims;
using Microsoft.Extensions.Logging;
using WsPumps.Endpoints;
using WsPumps.Testing.Frames;
using WsPumps.Testing.Links;
using WsPumps.Testing.Peers;

namespace WsPumps.Testing.Hosting;

/// <summary>Makes links between peers and one transport, and keeps the peers until the end of the host.</summary>
internal sealed class PeerConnector(VirtualTime time, LinkTransport transport, LogRecorder logs)
{
    private const string ResumeName = "wspumps.resume.";
    private const int ToldErrors = 3;

    /// <summary>By the offered name of a session: the request whose client it has.</summary>
    private readonly ConcurrentDictionary<string, LinkFeature> _sessions = new();
    private readonly ConcurrentQueue<TestPeer> _peers = new();
    private int _count;

    public async Task<HandshakeResult> ConnectAsync(PeerOptions options)
    {
        var number = Interlocked.Increment(ref _count);

        // A short limit is for what a test expects not to come; the handshake is none of that.
        var limit = options.RealTimeLimit > TestPeer.Limit ? options.RealTimeLimit : TestPeer.Limit;
        var link = new TestLink(time, options.Window);
        var feature = new LinkFeature(options.Principal ?? SignedIn(options.User));
        var connection = new LinkConnection(link, time.Work, $"peer-{number}", new IPEndPoint(options.Address, 40_000 + (number % 20_000)),
            transport.EndPoint);
        feature.Closed = connection.ConnectionClosed;
        connection.Features.Set(feature);
        connection.Features.Set<IClientFeature>(feature);

        // Until the endpoint has the connection nobody else can tell whether anything is under way.
        time.Work.Begin();
        try
        {
            if (!transport.TryConnect(connection))
                throw new PumpsTestException("The server has stopped: it takes no new connection.");

            // The test goes on elsewhere than on the thread that brought the answer, which may be one of the server.
            var shaken = new TaskCompletionSource<HandshakeResult>(TaskCreationOptions.RunContinuationsAsynchronously);
            _ = ShakeHandsAsync(shaken, options, link, $"peer {number} ({options.User ?? "nobody"} at {options.Path})", feature);
            return await shaken.Task.WaitAsync(limit, TimeProvider.System).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            link.Reset();
            throw new PumpsTestException(
                $"The handshake of '{options.Path}' had no answer within {limit} of real time. Is the application " +
                "started? A WebApplicationFactory starts with its first use: call StartServer().");
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

    private async Task ShakeHandsAsync(TaskCompletionSource<HandshakeResult> shaken, PeerOptions options, TestLink link, string name,
        LinkFeature feature)
    {
        link.Flow.Enter();
        try
        {
            var handshake = new Handshake(options);
            await link.ToServer.Writer.WriteAsync(handshake.Request()).ConfigureAwait(false);
            var source = new ByteSource(link.ToPeer.Reader.AsStream());
            var result = await Handshake.ReadAnswerAsync(source).ConfigureAwait(false);
            if (result.Status is HttpStatusCode.SwitchingProtocols)
            {
                var peer = Begin(options, link, name, result, source, feature, handshake.HasAgreedOnCompression(result));
                result = new HandshakeResult { Status = result.Status, Headers = result.Headers, Body = "", Peer = peer };
            }
            else
            {
                link.HalfClose();
            }

            shaken.SetResult(result);
        }
        catch (Exception exception)
        {
            shaken.SetException(new PumpsTestException($"The handshake of {name} failed: {exception.Message}", exception));
        }
    }

    private TestPeer Begin(PeerOptions options, TestLink link, string name, HandshakeResult result, ByteSource source, LinkFeature feature,
        bool compresses)
    {
        // Only now: a handshake that is held back would wait for a clock that nobody moves.
        options.Faults?.ApplyTo(link.ToServer.Faults, link.ToPeer.Faults);
        var inbox = new PeerInbox(time, name, options.Faults?.ToString(), options.RealTimeLimit) { Errors = LoggedErrors };
        var subProtocol = result.Headers.GetValueOrDefault("Sec-WebSocket-Protocol");
        var peer = new TestPeer(link, time, options, name, subProtocol, inbox, ClientOf(options, subProtocol, feature))
        {
            Compresses = compresses,
        };
        _peers.Enqueue(peer);
        _ = peer.ReceiveAsync(source);
        return peer;
    }

    /// <summary>A request that resumes a session makes no client: it has that of the session.</summary>
    private Func<IClient?> ClientOf(PeerOptions options, string? subProtocol, LinkFeature feature)
    {
        var offered = options.SubProtocols.FirstOrDefault(name => name.StartsWith(ResumeName, StringComparison.Ordinal));
        if (offered is null)
            return () => feature.Client;

        var secret = offered.Split('.')[2];
        if (subProtocol?.StartsWith(ResumeName, StringComparison.Ordinal) is not true)
            _sessions[secret] = feature;
        var first = _sessions.GetOrAdd(secret, feature);
        return () => feature.Client ?? first.Client;
    }

    private IEnumerable<string> LoggedErrors() => logs.Records.Where(record => record.Level >= LogLevel.Error)
        .TakeLast(ToldErrors).Select(record => $"Logged: {record}");

    private static ClaimsPrincipal? SignedIn(string? user) =>
        user is null ? null : new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, user),
            new Claim(ClaimTypes.Name, user)], "Test"));
}
