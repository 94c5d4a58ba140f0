using System.Collections.Concurrent;

namespace WsPumps.Tests.Sessions;

/// <summary>
/// Clients whose connections are cut anywhere come back to any server, while all servers write to their groups: each gets each message once, and
/// in the order of the server that has written it.
/// </summary>
public sealed class MoveCutTests
{
    private const int FromServers = 60;
    private const int FromPeer = 30;

    [Fact]
    public Task Cuts_BetweenThreeServers_NothingIsLostOrDoubled() => RunAsync(first: 1, count: 40);

    [Fact]
    [Trait("Category", "Stress")]
    public Task Cuts_ManySeeds_NothingIsLostOrDoubled() => RunAsync(first: 1000, count: 400);

    private static async Task RunAsync(int first, int count)
    {
        var got = new ConcurrentDictionary<string, ConcurrentQueue<string>>();
        var moved = 0;
        await using var cluster = await PumpsCluster.StartAsync(3, endpoint =>
        {
            endpoint.Register(context =>
            {
                if (context.MovedFrom is not null)
                    Interlocked.Increment(ref moved);
                else
                    endpoint.Broadcaster.Join(context.Client, context.HttpContext.Request.Query["room"].ToString());
            });
            endpoint.OnMessage((client, message, _) => got.GetOrAdd(client.Id, _ => new()).Enqueue(message.GetText()));
        }, echoes: false);
        await Parallel.ForAsync(first, first + count, new ParallelOptions { MaxDegreeOfParallelism = 6 }, async (seed, _) =>
        {
            var session = new MovingPeer(seed, cluster);
            var client = await session.RunAsync(FromServers, FromPeer);

            for (var server = 0; server < 3; server++)
            {
                session.Got.Where(text => text.StartsWith($"{server}:", StringComparison.Ordinal)).Select(text => text.Split('.')[0])
                    .Should().Equal(session.WrittenBy(server), "of seed {0}, server {1}, which came back so: {2}", seed, server, session.Trace);
            }

            await PumpsCluster.UntilAsync(() => got[client.Id].Count == FromPeer);
            got[client.Id].Should().Equal(Enumerable.Range(1, FromPeer).Select(i => $"p{i}"), "of seed {0}", seed);
        });
        moved.Should().BeGreaterThan(count);
    }
}
