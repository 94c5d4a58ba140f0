using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using WsPumps.Load.Platform;
using WsPumps.Load.Streaming;

namespace WsPumps.Load.Running;

/// <summary>
/// One large message in each direction, in turn by a bare loop over the stream, by the runtime's WebSocket and by a client of ours: how
/// fast, as ratios of what ran just before, and how much memory more than before the message.
/// </summary>
internal sealed class StreamsCommand
{
    private const int Runs = 5;
    private const int MiBytes = 512;

    private static readonly StreamContender[] Contenders = [StreamContender.BareLoop, StreamContender.Runtime, StreamContender.Ours];

    private readonly int _runs;
    private readonly long _bytes;
    private readonly string? _carrier;
    private readonly string? _direction;
    private readonly StreamContender[] _contenders;

    public StreamsCommand(Arguments arguments)
    {
        if (arguments.TakeFlag("--unpinned"))
            Cores.Unpin();
        _runs = arguments.TakeNumber("--runs") ?? Runs;
        _bytes = (arguments.TakeNumber("--mib") ?? MiBytes) * 1024L * 1024;
        (_carrier, _direction) = (arguments.Take("--carrier"), arguments.Take("--direction"));
        _contenders = arguments.Take("--contender") is { } name ? [.. Contenders.Where(contender => contender.Name == name)] : Contenders;
        arguments.ThrowIfAnyLeft();
    }

    public void Run()
    {
        // Before there is any other thread: all that are started from here run where the server runs.
        Cores.UseThoseOfServer();
        RunAsync().GetAwaiter().GetResult();
    }

    private async Task RunAsync()
    {
        var table = new StringBuilder("| carrier | direction | | MiB/s | CPU ms per GiB | of the bare loop | of the runtime's | peak KiB more |\n|---|---|---|--:|--:|--:|--:|--:|\n");
        foreach (var carrier in (StreamCarrier[])[StreamCarrier.OverSocket(), await StreamCarrier.OverKestrelAsync()])
        {
            if (_carrier is not null && _carrier != carrier.Name)
                continue;

            await AppendAsync(table, carrier, "sent", (contender, connection) => contender.SendAsync(connection, _bytes), peer => StreamPeer.ReceiveAsync(peer, _bytes));
            await AppendAsync(table, carrier, "received", (contender, connection) => contender.ReceiveAsync(connection, _bytes), peer => StreamPeer.SendAsync(peer, _bytes));
        }

        Console.Write(table);
    }

    private async Task AppendAsync(StringBuilder table, StreamCarrier carrier, string direction,
        Func<StreamContender, StreamConnection, Task> server, Func<Socket, Task> peer)
    {
        if (_direction is not null && _direction != direction)
            return;

        var rounds = new List<Measured[]>();
        // The first round is for the runtime, which compiles for it.
        for (var round = 0; round <= _runs; round++)
        {
            var measured = new Measured[_contenders.Length];
            for (var i = 0; i < _contenders.Length; i++)
                measured[i] = await MeasureAsync(carrier, connection => server(_contenders[i], connection), peer);
            if (round > 0)
                rounds.Add(measured);
        }

        for (var i = 0; i < _contenders.Length; i++)
        {
            table.AppendLine(CultureInfo.InvariantCulture, $"| {carrier.Name} | {direction} | {_contenders[i].Name} | {Median(all => all[i].Rate):0} | " +
                $"{Median(all => all[i].CpuPerGiB):0} | {Median(all => all[i].Rate / all[0].Rate):0.00} | {Median(all => all[i].Rate / all[Math.Min(1, all.Length - 1)].Rate):0.00} | " +
                $"{Median(all => all[i].PeakKiB):0} |");
        }

        double Median(Func<Measured[], double> figure) => rounds.Select(figure).Order().ElementAt(rounds.Count / 2);
    }

    private async Task<Measured> MeasureAsync(StreamCarrier carrier, Func<StreamConnection, Task> server, Func<Socket, Task> peer)
    {
        using var connection = await carrier.OpenAsync();
        GC.Collect();
        using var process = Process.GetCurrentProcess();
        var (cpu, began) = (process.TotalProcessorTime, Stopwatch.GetTimestamp());
        var before = PeakMemory.Begin();
        connection.PeerWork = peer(connection.Peer);
        await Task.WhenAll(server(connection), connection.PeerWork);
        var elapsed = Stopwatch.GetElapsedTime(began);
        process.Refresh();
        return new Measured(
            _bytes / 1048576.0 / elapsed.TotalSeconds,
            (process.TotalProcessorTime - cpu).TotalMilliseconds * (1 << 30) / _bytes,
            (PeakMemory.Read() - before) / 1024.0);
    }

    private readonly record struct Measured(double Rate, double CpuPerGiB, double PeakKiB);
}
