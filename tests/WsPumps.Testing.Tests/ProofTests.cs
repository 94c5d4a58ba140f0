using System.Diagnostics;

namespace WsPumps.Testing.Tests;

public sealed class ProofTests(Xunit.Abstractions.ITestOutputHelper output)
{
    [Fact]
    public async Task Heartbeat_HourOf100Connections_IsQuick()
    {
        await using var host = await PumpsTestHost.StartEndpointAsync(endpoint => endpoint.OnMessage((_, _, _) => default(ValueTask))).InTime();
        var peers = new List<TestPeer>();
        for (var i = 0; i < 100; i++)
            peers.Add(await host.ConnectAsync().InTime());

        var watch = Stopwatch.StartNew();
        await host.Time.AdvanceAsync(TimeSpan.FromHours(1)).InTime();
        output.WriteLine($"{watch.Elapsed.TotalMilliseconds:N0} ms");

        peers.Should().AllSatisfy(peer => peer.Client.Completion.IsCompleted.Should().BeFalse());
        peers[0].Events.Count(e => e.EndsWith("received ping", StringComparison.Ordinal)).Should().Be(144);
    }

    /// <summary>Once the code is compiled, and at best: what the machine does beside it is not measured. Only for a quiet machine.</summary>
    [Fact]
    [Trait("Category", "Stress")]
    public async Task Heartbeat_HourOf100Connections_TakesLessThan100Milliseconds()
    {
        await using var host = await PumpsTestHost.StartEndpointAsync(endpoint => endpoint.OnMessage((_, _, _) => default(ValueTask))).InTime();
        for (var i = 0; i < 100; i++)
            await host.ConnectAsync().InTime();

        var hours = new List<TimeSpan>();
        for (var hour = 0; hour < 40; hour++)
        {
            var watch = Stopwatch.StartNew();
            await host.Time.AdvanceAsync(TimeSpan.FromHours(1)).InTime();
            hours.Add(watch.Elapsed);
        }

        output.WriteLine($"the first {hours[0].TotalMilliseconds:N0} ms, the median {hours.Order().ElementAt(20).TotalMilliseconds:N0} ms, the best {hours.Min().TotalMilliseconds:N0} ms");
        hours.Min().Should().BeLessThan(TimeSpan.FromMilliseconds(100));
    }

    [Fact]
    public Task Trace_OfOneSeed_IsTheSame() => TraceIsTheSameAsync(runs: 20);

    [Fact]
    public async Task Trace_OfOneSeed_IsTheSameWhenAllCoresAreBusy()
    {
        using (new BusyCores())
            await TraceIsTheSameAsync(runs: 5);
    }

    [Fact]
    [Trait("Category", "Stress")]
    public Task Trace_OfOneSeed_IsTheSameAThousandTimes() => TraceIsTheSameAsync(runs: 1000);

    [Fact]
    [Trait("Category", "Stress")]
    public async Task Trace_OfOneSeed_IsTheSameAThousandTimesWhenAllCoresAreBusy()
    {
        using (new BusyCores())
            await TraceIsTheSameAsync(runs: 1000);
    }

    [Fact]
    public Task Stop_APeerAnswersNoClose_TakesTheTimeToClose() => StopTakesTheTimeToCloseAsync(rounds: 20);

    [Fact]
    [Trait("Category", "Stress")]
    public Task Stop_APeerAnswersNoClose_TakesTheTimeToCloseAThousandTimes() => StopTakesTheTimeToCloseAsync(rounds: 1000);

    [Fact]
    [Trait("Category", "Stress")]
    public Task Trace_OfManySeeds_IsTheSameTwice() => TracesAreTheSameAsync(seeds: 1000);

    [Fact]
    [Trait("Category", "Stress")]
    public async Task Trace_OfManySeeds_IsTheSameTwiceWhenAllCoresAreBusy()
    {
        using (new BusyCores())
            await TracesAreTheSameAsync(seeds: 1000);
    }

    /// <summary>A clock that runs ahead of what it has woken would find a client that has left still there.</summary>
    private static async Task StopTakesTheTimeToCloseAsync(int rounds)
    {
        using var busy = new BusyCores();
        for (var round = 0; round < rounds; round++)
        {
            await using var host = await PumpsTestHost.StartEndpointAsync(endpoint => endpoint.Options.CloseTimeout = TimeSpan.FromSeconds(5)).InTime();
            await host.ConnectAsync().InTime();
            await host.ConnectAsync(new PeerOptions { AnswersCloses = false }).InTime();

            var took = await host.StopAsync().InTime();

            took.Should().BeLessThan(TimeSpan.FromSeconds(7), $"in round {round}");
        }
    }

    private static async Task TracesAreTheSameAsync(int seeds)
    {
        for (var seed = 0; seed < seeds; seed++)
            await TraceIsTheSameAsync(runs: 1, seed);
    }

    private static async Task TraceIsTheSameAsync(int runs, int seed = 1)
    {
        var first = await TraceAsync(seed);
        for (var run = 0; run < runs; run++)
        {
            var again = await TraceAsync(seed);
            var different = Enumerable.Range(0, Math.Max(first.Count, again.Count)).FirstOrDefault(line => first.ElementAtOrDefault(line) != again.ElementAtOrDefault(line), -1);
            different.Should().Be(-1, $"run {run} of the seed {seed} had '{again.ElementAtOrDefault(different)}' instead of '{first.ElementAtOrDefault(different)}'");
        }
    }

    private static async Task<List<string>> TraceAsync(int seed)
    {
        // What the server itself draws by chance, the payload of its pings, would come back as a part of the garbage.
        var garbage = seed % 2 == 0;
        await using var host = await PumpsTestHost.StartEndpointAsync(endpoint =>
        {
            endpoint.Options.PingInterval = garbage ? TimeSpan.Zero : TimeSpan.FromSeconds(25);
            endpoint.OnMessage((client, message, cancellationToken) => client.WriteAsync(message, cancellationToken));
        }).InTime();
        var faults = new FaultPlan(seed) { MaxDelay = TimeSpan.FromSeconds(3), CutProbability = 0.5, MaxBytesToCut = 2000, GarbageProbability = garbage ? 0.01 : 0 };
        var trace = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            HandshakeResult result;
            try
            {
                var connecting = host.TryConnectAsync(new PeerOptions { Faults = faults });
                result = await connecting.InTime();
            }
            catch (PumpsTestException exception)
            {
                trace.Add(exception.Message);
                continue;
            }

            if (result.Peer is not { } peer)
            {
                trace.Add(result.Status.ToString());
                continue;
            }

            for (var message = 0; message < 8; message++)
            {
                try
                {
                    await peer.SendAsync(new string((char)('a' + message), 5 + (10 * message)));
                }
                catch (PumpsTestException exception)
                {
                    trace.AddRange(exception.Message.Split("\n"));
                    break;
                }

                await host.Time.AdvanceAsync(TimeSpan.FromSeconds(20)).InTime();
            }

            await host.Time.AdvanceAsync(TimeSpan.FromMinutes(2)).InTime();
            trace.AddRange(peer.Events);
            if (peer.Client.Completion.IsCompleted)
                trace.Add(Text(await peer.ExpectRecordAsync()));
        }

        return trace;
    }

    private static string Text(DisconnectRecord r) =>
        $"{r.Reason} {r.LocalStatus} {r.PeerStatus} {r.Duration} sent {r.MessagesSent}/{r.BytesSent} received {r.MessagesReceived}/{r.BytesReceived} unsent {r.MessagesUnsent} {r.Exception?.GetType().Name}";
}
