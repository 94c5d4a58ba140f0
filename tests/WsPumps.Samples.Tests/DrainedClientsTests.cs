using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace WsPumps.Samples.Tests;

/// <summary>Clients of a server that stops, each process with its own open files: they come back to another one.</summary>
public sealed class DrainedClientsTests
{
    /// <summary>So short a window shows when they are to come; when they do is up to a machine that may be busy.</summary>
    [Fact]
    public Task Server_StopsWithHundreds_TheyComeBackSpreadOverTheWindow() => RunAsync(300, TimeSpan.FromSeconds(3), looksAtArrivals: false);

    [Fact]
    [Trait("Category", "Stress")]
    public Task Server_StopsWithTenThousand_TheyComeBackSpreadOverTheWindow() => RunAsync(10_000, TimeSpan.FromSeconds(60), looksAtArrivals: true);

    /// <summary>A second peak would be many in one tenth of the window, or attempts that failed and came again.</summary>
    private static async Task RunAsync(int count, TimeSpan window, bool looksAtArrivals)
    {
        await using var server = await SampleProcess.StartAsync("Echo", arguments: $"--WebSocketPumps:Drain:ReconnectWithin={window}");
        await using var other = await SampleProcess.StartAsync("Echo");
        // As a balancer does: who comes after the stop has begun is led to the other server.
        var port = server.Address.Port;
        using var balancer = new HttpMessageInvoker(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new System.Net.Sockets.Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(IPAddress.Loopback, Volatile.Read(ref port), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        });
        var told = new ConcurrentBag<ReconnectingEvent>();
        var back = new ConcurrentBag<TimeSpan>();
        var allBack = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var stopped = 0L;
        var clients = new ConcurrentBag<ReconnectingClient>();
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 50 }, async (_, _) =>
        {
            var client = new ReconnectingClient(new Uri($"ws://127.0.0.1:{server.Address.Port}/echo"), new ReconnectingClientOptions
            {
                HttpMessageInvoker = balancer,
                // What is measured is when they come, not how fast this machine lets so many of them in.
                ConnectTimeout = Limit.Time,
                Reconnecting = lost =>
                {
                    told.Add(lost);
                    return default;
                },
                Connected = context =>
                {
                    if (context.IsReconnect)
                        back.Add(Stopwatch.GetElapsedTime(Volatile.Read(ref stopped)));
                    if (back.Count == count)
                        allBack.TrySetResult();
                    return default;
                },
            });
            clients.Add(client);
            (await client.StartAsync(CancellationToken.None).InTime()).Should().BeTrue();
        });

        Volatile.Write(ref port, other.Address.Port);
        Volatile.Write(ref stopped, Stopwatch.GetTimestamp());
        await server.TerminateAsync();
        await allBack.Task.WaitAsync(window + Limit.Time + Limit.Time);

        told.Should().HaveCount(count, "nobody was lost again, and no attempt failed");
        told.Should().OnlyContain(lost => lost.Connection!.Reason == DisconnectReason.Shutdown || lost.Connection.PeerStatus != null)
            .And.OnlyContain(lost => lost.Delay <= window);
        ShouldBeSpread(told.Select(lost => lost.Delay));
        if (looksAtArrivals)
            ShouldBeSpread(back);
        (await Task.WhenAll(clients.Select(async client => (await client.WriteAsync(PreparedMessage.Text("hello")).InTime()) is SendResult.Sent)))
            .Should().OnlyContain(wasSent => wasSent);
        await Parallel.ForEachAsync(clients, async (client, _) => await client.DisposeAsync());

        void ShouldBeSpread(IEnumerable<TimeSpan> times)
        {
            var tenths = times.GroupBy(after => (int)(after / window * 10)).ToDictionary(group => group.Key, group => group.Count());
            tenths.Values.Max().Should().BeLessThan(count / 10 * 2, "they come back evenly, not in a second peak: {0}",
                string.Join(", ", tenths.OrderBy(tenth => tenth.Key)));
        }
    }
}
