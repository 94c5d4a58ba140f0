using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Threading.Channels;

namespace WsPumps.Samples.Tests;

/// <summary>A sample as its users start it: a process of its own, from the build output of the tests' own configuration.</summary>
internal sealed class SampleProcess : IAsyncDisposable
{
    private const int Kill = 9;
    private const int Terminate = 15;
    private const int Continue = 18;
    private const int Stop = 19;
    private const string ListeningLine = "Now listening on: ";

    private readonly Process _process;
    private readonly Process _guard;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly TaskCompletionSource<Uri> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private SampleProcess(string sample, string[] arguments)
        : this(new ProcessStartInfo("dotnet", [OutputOf(sample), .. arguments]) { WorkingDirectory = FolderOf(sample) })
    {
    }

    private SampleProcess(ProcessStartInfo start)
    {
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        foreach (var name in start.Environment.Keys.Where(IsSettingOfTheHost).ToList())
            start.Environment.Remove(name);
        // A process that lives for seconds: neither is worth its price then.
        start.Environment["DOTNET_TieredPGO"] = "0";
        start.Environment["DOTNET_gcServer"] = "0";

        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => OnOutput(line.Data);
        _process.ErrorDataReceived += (_, line) => OnError(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        _guard = Guard(_process.Id);
    }

    /// <summary>Where the sample listens.</summary>
    public Uri Address { get; private set; } = null!;

    public string Output => string.Join('\n', _output);

    /// <summary>Starts a sample and waits until it listens: on a port of the system's choice, or on the one given.</summary>
    public static async Task<SampleProcess> StartAsync(string sample, int port = 0, params string[] arguments)
    {
        return await ListeningAsync(new SampleProcess(sample, ["--urls", $"http://127.0.0.1:{port}", .. arguments]));
    }

    /// <summary>Starts a sample that was published, and waits until it listens.</summary>
    public static Task<SampleProcess> StartPublishedAsync(string program) =>
        ListeningAsync(new SampleProcess(new ProcessStartInfo(program, ["--urls", "http://127.0.0.1:0"]) { WorkingDirectory = Path.GetDirectoryName(program) }));

    private static async Task<SampleProcess> ListeningAsync(SampleProcess process)
    {
        try
        {
            process.Address = await process._listening.Task.InTime();
            return process;
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a sample that does not listen.</summary>
    public static SampleProcess Start(string sample, params string[] arguments) => new(sample, arguments);

    /// <summary>Waits until the sample says something, in what it has not been asked about yet.</summary>
    public async Task SaysAsync(string text)
    {
        string line;
        do
            line = await _lines.Reader.ReadAsync().InTime();
        while (!line.Contains(text, StringComparison.Ordinal));
    }

    /// <summary>Runs a sample that is expected to end by itself.</summary>
    public static async Task<(int ExitCode, string Output)> RunToEndAsync(string sample, params string[] arguments)
    {
        await using var process = new SampleProcess(sample, ["--urls", "http://127.0.0.1:0", .. arguments]);
        await process._process.WaitForExitAsync().InTime();
        return (process._process.ExitCode, process.Output);
    }

    /// <summary>
    /// A free port that stays free while a sample is restarted on it: from below the range that systems hand out by
    /// themselves, to others and to the browser that tries to reconnect.
    /// </summary>
    public static int FindPort()
    {
        while (true)
        {
            using var listener = new TcpListener(IPAddress.Loopback, Random.Shared.Next(20_000, 32_000));
            try
            {
                listener.Start();
                return ((IPEndPoint)listener.LocalEndpoint).Port;
            }
            catch (SocketException)
            {
                continue;
            }
        }
    }

    /// <summary>The whole path of a file that is named from the root of the repository.</summary>
    public static string FileOfRepository(string path) => Path.Combine(Root(), path);

    /// <summary>Asks the sample to stop, as a service manager does, and waits until it has.</summary>
    public Task TerminateAsync() => SignalAsync(Terminate);

    /// <summary>Ends the sample without a chance to say goodbye.</summary>
    public Task KillAsync() => SignalAsync(Kill);

    /// <summary>Holds the sample still: its connections stay open and nothing answers.</summary>
    public void Freeze() => Send(_process.Id, Stop).Should().Be(0);

    /// <summary>Lets it go on.</summary>
    public void Thaw() => Send(_process.Id, Continue).Should().Be(0);

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();

        await _process.WaitForExitAsync().InTime();
        _guard.Kill();
        _guard.Dispose();
        _process.Dispose();
    }

    /// <summary>A test run that is killed disposes nothing: its end is seen by a shell whose input closes then, and which ends the sample.</summary>
    private static Process Guard(int process) =>
        Process.Start(new ProcessStartInfo("sh", ["-c", $"read -r _; kill -9 {process}"]) { RedirectStandardInput = true })!;

    private async Task SignalAsync(int signal)
    {
        Send(_process.Id, signal).Should().Be(0);
        await _process.WaitForExitAsync().InTime();
    }

    private void OnOutput(string? line)
    {
        if (line is null)
        {
            _listening.TrySetException(new InvalidOperationException($"The sample has ended before it listened:\n{Output}"));
            return;
        }

        _output.Enqueue(line);
        _lines.Writer.TryWrite(line);
        if (line.IndexOf(ListeningLine, StringComparison.Ordinal) is >= 0 and var at)
            _listening.TrySetResult(new Uri(line[(at + ListeningLine.Length)..]));
    }

    private void OnError(string? line)
    {
        if (line is not null)
            _output.Enqueue(line);
    }

    private static bool IsSettingOfTheHost(string variable) =>
        variable.StartsWith("ASPNETCORE_", StringComparison.Ordinal) || variable is "DOTNET_ENVIRONMENT" or "DOTNET_URLS";

    private static string FolderOf(string sample) => FileOfRepository(Path.Combine("samples", sample));

    /// <summary>The project file of a sample.</summary>
    public static string ProjectOf(string sample) => Path.Combine(FolderOf(sample), $"{sample}.csproj");

    private static string OutputOf(string sample)
    {
        var framework = new DirectoryInfo(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        return Path.Combine(FolderOf(sample), "bin", framework.Parent!.Name, framework.Name, $"{sample}.dll");
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "WsPumps.sln")))
            folder = folder.Parent ?? throw new InvalidOperationException($"No WsPumps.sln above {AppContext.BaseDirectory}.");
        return folder.FullName;
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Send(int process, int signal);
}
