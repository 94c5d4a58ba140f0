using System.Buffers;
using System.Net.WebSockets;

namespace WsPumps.Docs.Tests.Extensibility;

/// <summary>A backplane as a user writes it, with the public API alone: two servers in one process, joined by bytes.</summary>
public sealed class OwnRouteTests
{
    [Fact]
    public void Write_OverAnOwnBackplane_ReachesTheClientsOfBothServers()
    {
        Dictionary<string, IBroadcastRoute> servers = [];
        var (here, there) = (Server("here"), Server("there"));
        var (ann, bob) = (new RecordingClient("ann"), new RecordingClient("bob"));
        here.Manager.Register(ann);
        there.Manager.Register(bob);
        there.Join(bob, "news");

        here.All.Except("ann").Write("for bob").Should().Be(new BroadcastResult { Published = true });
        here.Group("news").Write("news").Published.Should().BeTrue();
        there.All.Write("all").Should().Be(new BroadcastResult { Queued = 1, Published = true });

        ann.Texts.Should().Equal("all");
        bob.Texts.Should().Equal("for bob", "news", "all");

        Broadcaster Server(string name) => new(new Manager(), local => new Publishing(servers[name] = local, frame =>
        {
            AudienceSelector.TryRead(frame, out var audience, out var length).Should().BeTrue();
            foreach (var (other, route) in servers.Where(server => server.Key != name))
                route.Write(audience!, PreparedMessage.Text(frame.AsSpan(length)));
        }));
    }

    /// <summary>Local first, then published.</summary>
    private sealed class Publishing(IBroadcastRoute local, Action<byte[]> publish) : IBroadcastRoute
    {
        public BroadcastResult Write(AudienceSelector audience, PreparedMessage message) => Published(local.Write(audience, message), audience, message);

        public async ValueTask<BroadcastResult> WriteAsync(AudienceSelector audience, PreparedMessage message, CancellationToken cancellationToken) =>
            Published(await local.WriteAsync(audience, message, cancellationToken), audience, message);

        public int Close(AudienceSelector audience, WebSocketCloseStatus status, string? reason, CloseMode mode) => local.Close(audience, status, reason, mode);

        public int Abort(AudienceSelector audience) => local.Abort(audience);

        private BroadcastResult Published(BroadcastResult result, AudienceSelector audience, PreparedMessage message)
        {
            var frame = new ArrayBufferWriter<byte>();
            audience.WriteTo(frame);
            frame.Write(message.Payload.Span);
            publish(frame.WrittenSpan.ToArray());
            return result with { Published = true };
        }
    }
}
