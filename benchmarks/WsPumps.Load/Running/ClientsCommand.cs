using System.Diagnostics;
using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using Websocket.Client;
using WsPumps.Load.Servers;

namespace WsPumps.Load.Running;

/// <summary>
/// What the .NET client costs beside the runtime's own: messages that are echoed, so many under way at a time, in turn by each. The server
/// is a process of its own. Ratios of what ran just before by a bare <see cref="ClientWebSocket"/>.
/// </summary>
internal static class ClientsCommand
{
    private const int PayloadBytes = 128;
    private const int UnderWay = 64;

    public static void Run(Arguments arguments)
    {
        var (runs, seconds) = (arguments.TakeNumber("--runs") ?? 5, arguments.TakeNumber("--seconds") ?? 5);
        arguments.ThrowIfAnyLeft();
        RunAsync(runs, TimeSpan.FromSeconds(seconds)).GetAwaiter().GetResult();
    }

    private static async Task RunAsync(int runs, TimeSpan time)
    {
        using var plain = new Contender(LoadServer.Find("wspumps")).Start(LoadMode.Default);
        using var resuming = new Contender(LoadServer.Find("wspumps-resume")).Start(LoadMode.Default);
        var table = new StringBuilder("| client | messages/s | of the bare one's | CPU µs per message | of the bare one's |\n|---|--:|--:|--:|--:|\n");
        var clients = new (string Name, Func<Task<Echoed>> Run)[]
        {
            ("bare ClientWebSocket", () => RunBareAsync(AddressOf(plain), time)),
            ("ReconnectingClient", () => RunOursAsync(AddressOf(plain), time, resumes: false)),
            ("Websocket.Client", () => RunWebsocketClientAsync(AddressOf(plain), time)),
            ("ReconnectingClient that resumes", () => RunOursAsync(AddressOf(resuming), time, resumes: true)),
        };
        var results = clients.Select(_ => new List<Echoed>()).ToList();
        // The first round is for the runtime, which compiles for it.
        for (var round = 0; round <= runs; round++)
        {
            for (var i = 0; i < clients.Length; i++)
            {
                var echoed = await clients[i].Run();
                if (round > 0)
                    results[i].Add(echoed);
            }
        }

        for (var i = 0; i < clients.Length; i++)
        {
            var (rate, cost) = (Median(results[i], echoed => echoed.PerSecond), Median(results[i], echoed => echoed.MicrosecondsEach));
            var (ofRate, ofCost) = (Ratio(echoed => echoed.PerSecond), Ratio(echoed => echoed.MicrosecondsEach));
            table.AppendLine(CultureInfo.InvariantCulture, $"| {clients[i].Name} | {rate:N0} | {ofRate:F2} | {cost:F2} | {ofCost:F2} |");

            double Ratio(Func<Echoed, double> figure) =>
                results[i].Zip(results[0], (own, bare) => figure(own) / figure(bare)).Order().ElementAt(results[i].Count / 2);
        }

        Console.Write(table);
    }

    private static async Task<Echoed> RunBareAsync(Uri address, TimeSpan time)
    {
        using var client = new ClientWebSocket();
        await client.ConnectAsync(address, CancellationToken.None);
        var payload = new byte[PayloadBytes];
        var buffer = new byte[PayloadBytes];
        return await EchoAsync(
            time,
            () => client.SendAsync(payload.AsMemory(), WebSocketMessageType.Binary, true, CancellationToken.None),
            async received =>
            {
                while ((await client.ReceiveAsync(buffer.AsMemory(), CancellationToken.None)).EndOfMessage && received())
                {
                }
            });
    }

    /// <summary>The client of that name by Mariusz Kotas, sent through as its messages are awaited.</summary>
    private static async Task<Echoed> RunWebsocketClientAsync(Uri address, TimeSpan time)
    {
        using var client = new WebsocketClient(address);
        await client.StartOrFail();
        var payload = new byte[PayloadBytes];
        return await EchoAsync(
            time,
            () => new ValueTask(client.SendInstant(payload)),
            async received =>
            {
                var isOver = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                using var messages = client.MessageReceived.Subscribe(_ =>
                {
                    if (!received())
                        isOver.TrySetResult();
                });
                await isOver.Task;
            });
    }

    private static async Task<Echoed> RunOursAsync(Uri address, TimeSpan time, bool resumes)
    {
        await using var client = new ReconnectingClient(address, new ReconnectingClientOptions { Resume = resumes });
        await client.StartAsync();
        var message = PreparedMessage.Binary(new byte[PayloadBytes]);
        return await EchoAsync(
            time,
            async () => await client.WriteAsync(message),
            async received =>
            {
                await foreach (var _ in client.ReadAllAsync())
                {
                    if (!received())
                        return;
                }
            });
    }

    /// <summary>Sends and receives for a time.</summary>
    private static async Task<Echoed> EchoAsync(TimeSpan time, Func<ValueTask> send, Func<Func<bool>, Task> receive)
    {
        using var room = new SemaphoreSlim(UnderWay);
        var (sent, got, isOver) = (0L, 0L, false);
        var process = Process.GetCurrentProcess();
        var (before, started) = (process.TotalProcessorTime, Stopwatch.GetTimestamp());
        var receiving = receive(() =>
        {
            got++;
            room.Release();
            return !Volatile.Read(ref isOver) || got < Volatile.Read(ref sent);
        });
        while (Stopwatch.GetElapsedTime(started) < time)
        {
            await room.WaitAsync();
            Volatile.Write(ref sent, sent + 1);
            await send();
        }

        // One more, so that the other side sees that it is over.
        await room.WaitAsync();
        Volatile.Write(ref sent, sent + 1);
        Volatile.Write(ref isOver, true);
        await send();
        await receiving.WaitAsync(TimeSpan.FromSeconds(30));
        process.Refresh();
        return new Echoed(got / Stopwatch.GetElapsedTime(started).TotalSeconds,
            (process.TotalProcessorTime - before).TotalMicroseconds / got);
    }

    private static Uri AddressOf(ServerProcess server) => new($"ws://127.0.0.1:{server.Port}/echo");

    private static double Median(List<Echoed> results, Func<Echoed, double> figure) =>
        results.Select(figure).Order().ElementAt(results.Count / 2);

    private readonly record struct Echoed(double PerSecond, double MicrosecondsEach);
}
