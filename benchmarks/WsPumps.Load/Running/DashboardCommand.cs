using System.Diagnostics;
using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using WsPumps.Load.Platform;
using WsPumps.Load.Servers;

namespace WsPumps.Load.Running;

/// <summary>
/// What the dashboard costs a server with many connections that say nothing: without a viewer, with one on each of the pages that need
/// most, and with ten.
/// </summary>
internal static class DashboardCommand
{
    private const int PollMilliseconds = 50;

    private static readonly (string About, string[] Queries)[] Looks =
    [
        ("nobody looks", []),
        ("one looks at the table", ["""{"view":"connections"}"""]),
        ("one searches and sorts by id", ["""{"view":"connections","search":"a","sort":"id"}"""]),
        ("one looks at the server", ["""{"view":"node"}"""]),
        ("ten look at the table", [.. Enumerable.Repeat("""{"view":"connections"}""", 10)]),
        ("ten search for something each", [.. Enumerable.Range(0, 10).Select(part => $$"""{"view":"connections","search":"{{part}}"}""")]),
    ];

    public static void Run(Arguments arguments)
    {
        var connections = arguments.TakeNumber("--connections") ?? 10_000;
        var time = TimeSpan.FromSeconds(arguments.TakeNumber("--seconds") ?? 25);
        var hold = TimeSpan.FromSeconds(arguments.TakeNumber("--hold") ?? 0);
        arguments.ThrowIfAnyLeft();
        OpenFiles.ThrowIfFewerThan(connections);

        var mode = LoadMode.Default with { Sleeps = true };
        var contender = new Contender(LoadServer.Find("wspumps-dashboard"));
        using var server = contender.Start(mode);
        using var stage = new Stage(contender, server, mode, RunLengths.Full);
        stage.Connect("/echo", connections);
        Console.Error.WriteLine($"{connections} connections; the dashboard is at http://127.0.0.1:{server.Port}/pumps");
        PollFor(stage, time);
        var table = new StringBuilder("| | server, % of a core | to each viewer, KiB/s | states/s |\n|---|--:|--:|--:|\n");
        foreach (var (about, queries) in Looks)
        {
            var viewers = queries.Select(query => Viewer.OpenAsync(server.Port, query).GetAwaiter().GetResult()).ToList();
            PollFor(stage, TimeSpan.FromSeconds(5));
            foreach (var viewer in viewers)
                viewer.Begin();
            var (before, started) = (server.Usage.Total, Stopwatch.GetTimestamp());
            PollFor(stage, time);
            var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            table.AppendLine(CultureInfo.InvariantCulture,
                $"| {about} | {(server.Usage.Total - before).TotalSeconds / seconds * 100:0.0} | {Mean(viewers, viewer => viewer.Bytes) / 1024 / seconds:0.0} | {Mean(viewers, viewer => viewer.Messages) / seconds:0.00} |");
            foreach (var viewer in viewers)
                viewer.Dispose();
        }

        Console.Write(table);
        PollFor(stage, hold);
    }

    private static double Mean(List<Viewer> viewers, Func<Viewer, long> figure) => viewers.Count == 0 ? 0 : viewers.Average(figure);

    private static void PollFor(Stage stage, TimeSpan time)
    {
        for (var started = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(started) < time;)
            stage.Loop.Poll(PollMilliseconds);
    }

    /// <summary>Counts what a page is told.</summary>
    private sealed class Viewer : IDisposable
    {
        private readonly ClientWebSocket _socket = new();
        private long _bytes;
        private long _messages;

        public long Bytes => Interlocked.Read(ref _bytes);

        public long Messages => Interlocked.Read(ref _messages);

        public static async Task<Viewer> OpenAsync(int port, string query)
        {
            var viewer = new Viewer();
            await viewer._socket.ConnectAsync(new Uri($"ws://127.0.0.1:{port}/pumps/live"), CancellationToken.None);
            await viewer._socket.SendAsync(Encoding.UTF8.GetBytes($$"""{"show":{{query}}}"""), WebSocketMessageType.Text, true, CancellationToken.None);
            _ = viewer.ReadAsync();
            return viewer;
        }

        public void Begin() => (_bytes, _messages) = (0, 0);

        public void Dispose() => _socket.Abort();

        private async Task ReadAsync()
        {
            var buffer = new byte[64 * 1024];
            try
            {
                while (true)
                {
                    var part = await _socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
                    Interlocked.Add(ref _bytes, part.Count);
                    if (part.EndOfMessage)
                        Interlocked.Increment(ref _messages);
                }
            }
            catch (Exception exception) when (exception is WebSocketException or OperationCanceledException)
            {
                // The look is over.
            }
        }
    }
}
