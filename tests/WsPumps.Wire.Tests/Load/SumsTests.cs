using WsPumps.Wire.Tests.Clients;
using WsPumps.Wire.Tests.Hosting;

namespace WsPumps.Wire.Tests.Load;

/// <summary>Every message of a storm has its place, over all connections together, whatever becomes of each.</summary>
public sealed class SumsTests
{
    private const int Writers = 8;

    private static readonly SlowClientPolicy[] Policies = Enum.GetValues<SlowClientPolicy>();

    [Fact]
    public Task Storm_AllPoliciesAndEndings_AcceptedIsSentDroppedAndUnsent() => CountAsync(connections: 80, writes: 3000);

    [Trait("Category", "Stress")]
    [Fact]
    public async Task Storm_SevenTimes_AcceptedIsSentDroppedAndUnsent()
    {
        for (var round = 0; round < 7; round++)
            await CountAsync(connections: 400, writes: 10_000);
    }

    [Fact]
    public Task Deliveries_PeersVanishMeanwhile_WhatIsToldAgreesWithTheRecords() => DeliverAsync(connections: 60, deliveries: 50);

    [Trait("Category", "Stress")]
    [Fact]
    public Task Deliveries_OfHundredsOfThousands_WhatIsToldAgreesWithTheRecords() => DeliverAsync(connections: 200, deliveries: 1000);

    private static async Task CountAsync(int connections, int writes)
    {
        var made = -1;
        await using var server = await WireServer.StartAsync(endpoint =>
        {
            endpoint.Options.MaxQueuedMessages = 64;
            endpoint.Setup(setup =>
            {
                setup.Options.SlowClientPolicy = Policies[++made % Policies.Length];
                return default;
            });
        });
        var open = await OpenAsync(server, connections);
        // Half of them read.
        var reading = open.Where((_, i) => i / Policies.Length % 2 == 0).Select(connection => ReadToTheEndAsync(connection.Peer)).ToList();
        for (var i = 0; i < connections; i++)
            server.Broadcaster.Join(open[i].Client, $"{i % Policies.Length}");

        var accepted = new long[Policies.Length];
        var writing = Enumerable.Range(0, Writers).Select(writer => Task.Run(() => WriteAtRandom(new Random(writer)))).ToList();
        for (var i = 0; i < connections; i++)
        {
            if (i % 5 == 0)
                _ = open[i].Client.CloseAsync();
            else if (i % 7 == 0)
                open[i].Peer.Reset();
            else if (i % 11 == 0)
                open[i].Client.Abort();
            await Task.Yield();
        }

        var waiting = (await Task.WhenAll(writing).WaitAsync(2 * Limit.Time)).SelectMany(writes => writes).ToList();
        open.ForEach(connection => connection.Client.Abort());
        // Who waits for a peer that does not read is let go of with its connection.
        foreach (var (write, policy) in waiting)
            Count(policy, await write.InTime());

        for (var policy = 0; policy < Policies.Length; policy++)
        {
            var records = await Task.WhenAll(open.Where((_, i) => i % Policies.Length == policy).Select(connection => connection.Client.Completion)).InTime();
            records.Sum(record => record.MessagesSent + record.MessagesDropped + record.MessagesUnsent).Should().Be(accepted[policy], "{0}", Policies[policy]);
        }

        accepted.Should().OnlyContain(count => count > 0);
        await Task.WhenAll(reading).InTime();
        await DisposeAsync(open);

        List<(Task<WriteResult> Write, int Policy)> WriteAtRandom(Random random)
        {
            var waiting = new List<(Task<WriteResult>, int)>();
            for (var i = 0; i < writes; i++)
            {
                var (at, message) = (random.Next(connections), MessageOf(random));
                var policy = at % Policies.Length;
                if (random.Next(20) == 0)
                {
                    var result = server.Broadcaster.Group($"{policy}").Write(message);
                    Add(policy, result.Queued + (Policies[policy] is SlowClientPolicy.Disconnect ? 0 : result.Dropped));
                }
                else if (random.Next(4) == 0)
                {
                    waiting.Add((open[at].Client.WriteAsync(message).AsTask(), policy));
                }
                else
                {
                    Count(policy, open[at].Client.Write(message));
                }
            }

            return waiting;
        }

        // A refused message is counted as dropped, unless its client is disconnected for it.
        void Count(int policy, WriteResult result) =>
            Add(policy, result is WriteResult.Queued || (result is WriteResult.Dropped && Policies[policy] is not SlowClientPolicy.Disconnect) ? 1 : 0);

        void Add(int policy, int count) => Interlocked.Add(ref accepted[policy], count);
    }

    private static async Task DeliverAsync(int connections, int deliveries)
    {
        await using var server = await WireServer.StartAsync(_ => { });
        var open = await OpenAsync(server, connections);
        var staying = open.Where((_, i) => i % 3 != 0).ToList();
        var reading = staying.Select(connection => Task.Run(() => CountToCloseAsync(connection.Peer))).ToList();

        var delivering = Enumerable.Range(0, 4).Select(writer => Task.Run(() => DeliverAllAsync(new Random(writer)))).ToList();
        // The others do not read, and are gone sooner or later.
        foreach (var (peer, _) in open.Except(staying))
        {
            await Task.Delay(1);
            peer.Reset();
        }

        var results = (await Task.WhenAll(delivering).WaitAsync(2 * Limit.Time)).SelectMany(told => told).ToList();
        foreach (var (_, client) in staying)
            await client.CloseAsync().InTime();
        (await Task.WhenAll(reading).InTime()).Should().AllBeEquivalentTo(4 * deliveries);
        foreach (var (peer, _) in staying)
            await peer.SendAsync(ClientFrame.Close(1000));

        var records = await Task.WhenAll(open.Select(connection => connection.Client.Completion)).InTime();
        results.Should().OnlyContain(result => result.Pending == 0);
        results.Sum(result => (long)result.Delivered).Should().Be(records.Sum(record => record.MessagesSent));
        records.Sum(record => record.MessagesDropped).Should().Be(0);
        // A message that finds the queue of a slow one full is dropped too, and was never accepted.
        results.Sum(result => (long)result.Dropped).Should().BeGreaterThanOrEqualTo(records.Sum(record => record.MessagesUnsent));
        await DisposeAsync(open);

        async Task<List<DeliveryResult>> DeliverAllAsync(Random random)
        {
            var results = new List<DeliveryResult>();
            for (var i = 0; i < deliveries; i++)
                results.Add(await server.Broadcaster.All.DeliverAsync(MessageOf(random), Limit.Time));
            return results;
        }
    }

    /// <summary>One after the other: which policy a connection has follows from its place.</summary>
    private static async Task<List<(RawWebSocketClient Peer, IClient Client)>> OpenAsync(WireServer server, int connections)
    {
        var open = new List<(RawWebSocketClient Peer, IClient Client)>();
        for (var i = 0; i < connections; i++)
            open.Add(await server.OpenAsync((Carrier)(i / Policies.Length % 4), receiveBuffer: 4096));
        return open;
    }

    private static PreparedMessage MessageOf(Random random) => PreparedMessage.Binary(new byte[random.Next(4) == 0 ? random.Next(16_000) : random.Next(100)]);

    private static async Task ReadToTheEndAsync(RawWebSocketClient peer)
    {
        try
        {
            while (await peer.NextFrameAsync() is not null)
            {
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // Reset by one of the two.
        }
    }

    private static async Task<int> CountToCloseAsync(RawWebSocketClient peer)
    {
        var messages = 0;
        while (await peer.NextFrameAsync() is { Opcode: not WireOpcode.Close })
            messages++;
        return messages;
    }

    private static async Task DisposeAsync(List<(RawWebSocketClient Peer, IClient Client)> open)
    {
        foreach (var (peer, _) in open)
            await peer.DisposeAsync();
    }
}
