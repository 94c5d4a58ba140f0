using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using WsPumps.Load.Client;

namespace WsPumps.Load.Running;

/// <summary>
/// How long a call of <see cref="IClient.Write(PreparedMessage)"/> takes at worst, with one writer and with many, while the client has
/// room, is full, and is closed with all that it holds by another thread. No server and no socket: what is measured is the queue.
/// </summary>
internal static class WriteTailCommand
{
    private const int QueuedMessages = 100_000;
    private const int CallsOfEach = 20_000;
    private const int Rounds = 20;

    private static readonly int[] Writers = [1, 64];

    public static void Run(Arguments arguments)
    {
        arguments.ThrowIfAnyLeft();
        var table = new StringBuilder("| `Write` | writers | p50 µs | p99 µs | p99.9 µs | max µs |\n|---|--:|--:|--:|--:|--:|\n");
        foreach (var writers in Writers)
        {
            Append(table, "into a queue with room", writers, static _ => { }, queued: 0);
            Append(table, "into a full queue", writers, static _ => { }, QueuedMessages);
            Append(table, $"while another thread closes it with {QueuedMessages} messages", writers, static client =>
                _ = client.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CloseMode.Now), QueuedMessages);
        }

        Console.Write(table);
    }

    private static void Append(StringBuilder table, string name, int writers, Action<WsPumps.Client> disturb, int queued)
    {
        // The first round is for the runtime, which compiles for it.
        _ = RunRound(writers, disturb, queued);
        var all = new LatencyHistogram();
        for (var round = 0; round < Rounds; round++)
            all.Add(RunRound(writers, disturb, queued));
        table.AppendLine(System.Globalization.CultureInfo.InvariantCulture,
            $"| {name} | {writers} | {all.Quantile(0.5):0.0} | {all.Quantile(0.99):0.0} | {all.Quantile(0.999):0.0} | {all.Max:0} |");
    }

    private static LatencyHistogram RunRound(int writers, Action<WsPumps.Client> disturb, int queued)
    {
        var message = PreparedMessage.Binary(new byte[128]);
        var client = new WsPumps.Client(new StreamWebSocket(new Stalled()), new ClientSettings
        {
            Options = new ClientOptions
            {
                MaxQueuedMessages = queued == 0 ? 1024 * 1024 : queued,
                MaxQueuedBytes = 1024 * 1024 * 1024,
                SlowClientPolicy = SlowClientPolicy.DropNewest,
            },
        });
        for (var i = 0; i < queued; i++)
            client.Write(message);

        using var start = new ManualResetEventSlim();
        using var halfWay = new CountdownEvent(1);
        var histograms = new LatencyHistogram[writers];
        var calls = CallsOfEach / Math.Min(writers, 8);
        var threads = Enumerable.Range(0, writers).Select(writer => new Thread(() =>
        {
            var histogram = histograms[writer] = new LatencyHistogram();
            start.Wait();
            for (var i = 0; i < calls; i++)
            {
                if (writer == 0 && i == calls / 2)
                    halfWay.Signal();
                var before = Stopwatch.GetTimestamp();
                client.Write(message);
                histogram.Add(Stopwatch.GetElapsedTime(before).TotalMicroseconds);
            }
        })).ToArray();
        foreach (var thread in threads)
            thread.Start();
        start.Set();
        halfWay.Wait();
        disturb(client);
        foreach (var thread in threads)
            thread.Join();

        var sum = new LatencyHistogram();
        foreach (var histogram in histograms)
            sum.Add(histogram);
        return sum;
    }

    /// <summary>A peer that reads nothing and sends nothing.</summary>
    private sealed class Stalled : MemoryStream
    {
        private readonly TaskCompletionSource<int> _never = new();

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(_never.Task);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => new(_never.Task);
    }
}
