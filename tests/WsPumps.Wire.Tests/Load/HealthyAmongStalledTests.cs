using System.Buffers.Binary;
using System.Threading.Channels;
using WsPumps.Wire.Tests.Clients;
using WsPumps.Wire.Tests.Hosting;

namespace WsPumps.Wire.Tests.Load;

/// <summary>Whoever reads gets everything, however many others do not, and whatever becomes of those.</summary>
public sealed class HealthyAmongStalledTests
{
    /// <summary>So many messages a healthy peer may be behind: a broadcast does not wait, and no queue holds more than it is told to.</summary>
    private const int Window = 4;

    public static TheoryData<SlowClientPolicy, int, int> Cases
    {
        get
        {
            var cases = new TheoryData<SlowClientPolicy, int, int>();
            foreach (var policy in Enum.GetValues<SlowClientPolicy>())
            {
                foreach (var percent in (int[])[0, 50, 90])
                {
                    cases.Add(policy, percent, 4);
                    cases.Add(policy, percent, 64);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Broadcast_SomeHaveStalled_NobodyHealthyLosesAMessage(SlowClientPolicy policy, int percent, int kibibytes) =>
        RunAsync(policy, percent, kibibytes, clients: 20, messages: 60);

    [Trait("Category", "Stress")]
    [Theory]
    [MemberData(nameof(Cases))]
    public Task Broadcast_ManyHaveStalled_NobodyHealthyLosesAMessage(SlowClientPolicy policy, int percent, int kibibytes) =>
        RunAsync(policy, percent, kibibytes, clients: 200, messages: 4000 / kibibytes);

    private static async Task RunAsync(SlowClientPolicy policy, int percent, int kibibytes, int clients, int messages)
    {
        await using var server = await WireServer.StartAsync(
            endpoint =>
            {
                endpoint.Options.SlowClientPolicy = policy;
                endpoint.Options.MaxQueuedMessages = 2 * Window;
            },
            // No deadline ends a stalled one: it is there to the end.
            new ManualTimeProvider(),
            smallBuffers: true);
        var stalled = new List<(RawWebSocketClient Peer, IClient Client)>();
        var healthy = new List<Reader>();
        for (var i = 0; i < clients; i++)
        {
            if (i < clients * percent / 100)
                stalled.Add(await server.OpenAsync(receiveBuffer: 4096));
            else
                healthy.Add(new Reader((await server.OpenAsync()).Peer, messages));
        }

        var reading = healthy.Select(reader => reader.RunAsync()).ToList();
        for (var i = 0; i < messages; i++)
        {
            foreach (var reader in healthy)
                await reader.RoomForAsync(i);
            server.Broadcaster.All.Write(PreparedMessage.Binary(Numbered(i, kibibytes * 1024))).Queued.Should().BeGreaterThanOrEqualTo(healthy.Count);
        }

        await Task.WhenAll(reading).WaitAsync(2 * Limit.Time);
        foreach (var (peer, client) in stalled)
        {
            var wasHit = policy is SlowClientPolicy.Disconnect ? client.Write("more") is WriteResult.Closed : client.Statistics.MessagesDropped > 0;
            wasHit.Should().BeTrue("else nobody has stalled here");
            peer.Reset();
        }

        foreach (var reader in healthy)
            await reader.Peer.DisposeAsync();
    }

    private static byte[] Numbered(int number, int length)
    {
        var payload = new byte[length];
        BinaryPrimitives.WriteInt32BigEndian(payload, number);
        return payload;
    }

    private sealed class Reader(RawWebSocketClient peer, int messages)
    {
        private readonly Channel<int> _received = Channel.CreateUnbounded<int>();

        public RawWebSocketClient Peer => peer;

        /// <summary>Waits until it is not too far behind for one more.</summary>
        public async Task RoomForAsync(int number)
        {
            if (number >= Window)
                (await _received.Reader.ReadAsync().InTime()).Should().Be(number - Window);
        }

        public async Task RunAsync()
        {
            try
            {
                for (var i = 0; i < messages; i++)
                {
                    BinaryPrimitives.ReadInt32BigEndian((await peer.ReadAsync(WireOpcode.Binary)).Payload).Should().Be(i);
                    _received.Writer.TryWrite(i);
                }
            }
            catch (Exception exception)
            {
                // Who waits for it is told at once what is wrong.
                _received.Writer.Complete(exception);
                throw;
            }
        }
    }
}
