using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using WsPumps.Load.Platform;

namespace WsPumps.Load.Running;

/// <summary>A server in a process of its own, on the cores of the server. Disposing kills it.</summary>
internal sealed class ServerProcess : IDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(50);

    private readonly Process _process;
    private readonly bool _isAttached;

    private ServerProcess(Process process, int port, bool isAttached) => (_process, Port, _isAttached) = (process, port, isAttached);

    public int Port { get; }

    public Usage Usage => Usage.Of(_process);

    /// <summary>One of ours: it prints its port, and lives as long as its standard input.</summary>
    public static ServerProcess StartAttached(ProcessStartInfo start)
    {
        (start.RedirectStandardInput, start.RedirectStandardOutput) = (true, true);
        var process = StartPinned(start);
        var line = process.StandardOutput.ReadLine();
        if (line is null || !line.StartsWith(ServeCommand.Ready, StringComparison.Ordinal))
            throw new LoadException($"The server did not start: {start.FileName} {string.Join(' ', start.ArgumentList)}");

        return new ServerProcess(process, int.Parse(line[ServeCommand.Ready.Length..], CultureInfo.InvariantCulture), isAttached: true);
    }

    /// <summary>Any other: it is ready when it accepts a connection.</summary>
    public static ServerProcess StartPeer(ProcessStartInfo start, int port)
    {
        var server = new ServerProcess(StartPinned(start), port, isAttached: false);
        try
        {
            server.WaitUntilReady();
            return server;
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    /// <summary>The bytes of the managed heap after a collection; null for a server that cannot be asked.</summary>
    public long? CollectHeap() => Ask(ServeCommand.HeapQuestion);

    /// <summary>How many methods the server has compiled; null for a server that cannot be asked.</summary>
    public long? CountCompiled() => Ask(ServeCommand.CompiledQuestion);

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
    }

    /// <summary>A process runs where the thread ran that started it, so that also its runtime sees only these cores.</summary>
    private static Process StartPinned(ProcessStartInfo start)
    {
        Process? process = null;
        Exception? failure = null;
        var starter = new Thread(() =>
        {
            try
            {
                Cores.UseThoseOfServer();
                process = Process.Start(start);
            }
            catch (Exception exception)
            {
                failure = exception;
            }
        });
        starter.Start();
        starter.Join();
        return process ?? throw new LoadException($"{start.FileName} could not be started: {failure?.Message}");
    }

    private long? Ask(string question)
    {
        if (!_isAttached)
            return null;

        _process.StandardInput.WriteLine(question);
        return long.Parse(_process.StandardOutput.ReadLine() ?? "0", CultureInfo.InvariantCulture);
    }

    private void WaitUntilReady()
    {
        for (var started = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(started) < StartLimit; Thread.Sleep(BetweenTries))
        {
            _ = Usage;
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Connect(IPAddress.Loopback, Port);
                return;
            }
            catch (SocketException)
            {
                // Not listening yet.
            }
        }

        throw new LoadException($"The peer does not listen on port {Port} after {StartLimit.TotalSeconds} seconds.");
    }
}
