using System.Diagnostics;
using System.Globalization;
using System.Net.WebSockets;
using System.Text.Json.Nodes;
using Xunit.Abstractions;

namespace WsPumps.Samples.Tests;

/// <summary>The sample as it is published: what the trimmer or the native compiler takes away is missing only then.</summary>
[Trait("Category", "Stress")]
public sealed class AotTests(ITestOutputHelper output)
{
    /// <summary>For a compiler on a machine that does something else as well.</summary>
    private static readonly TimeSpan PublishTime = TimeSpan.FromMinutes(15);

    [NativeFact]
    public Task Aot_PublishedNative_Works() => PublishAndUseAsync("native");

    /// <summary>The same analysis of what is reachable, with the switches that native code runs under.</summary>
    [Fact]
    public Task Aot_PublishedTrimmed_Works() => PublishAndUseAsync("trimmed", "-p:PublishTrimmed=true", "-p:PublishSingleFile=true", "-p:DynamicCodeSupport=false");

    private async Task PublishAndUseAsync(string kind, params string[] properties)
    {
        var folder = Directory.CreateTempSubdirectory("wspumps-aot-");
        try
        {
            var (exitCode, log) = await PublishAsync(folder.FullName, properties);
            exitCode.Should().Be(0, log);
            log.Should().NotContain("warning IL");

            var program = new FileInfo(Path.Combine(folder.FullName, "Aot"));
            var started = Stopwatch.GetTimestamp();
            await using var sample = await SampleProcess.StartPublishedAsync(program.FullName);
            var time = Stopwatch.GetElapsedTime(started);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{kind}: {program.Length / 1024.0 / 1024.0:F1} MiB, {time.TotalMilliseconds:F0} ms until it listens"));

            await UseAsync(sample);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task UseAsync(SampleProcess sample)
    {
        using var http = new HttpClient { BaseAddress = sample.Address, Timeout = Limit.Time };
        (await http.GetStringAsync(new Uri("/ready", UriKind.Relative))).Should().Be("Healthy");

        using var echo = await Socket.OpenAsync(sample, "/echo");
        await echo.SendAsync("Hello");
        (await echo.ReceiveTextAsync()).Should().Be("Hello");

        using var announcer = await Socket.OpenAsync(sample, "/announce");
        await announcer.SendAsync("News");
        var announcement = JsonNode.Parse(await announcer.ReceiveTextAsync())!;
        announcement["text"]!.GetValue<string>().Should().Be("News");
        announcement["recipients"]!.GetValue<int>().Should().Be(2);
        (await echo.ReceiveTextAsync()).Should().Contain("News");

        // The limit is from the configuration, which is bound without reflection.
        await echo.SendAsync(new byte[4097], WebSocketMessageType.Binary);
        (await echo.ReceiveAsync()).Type.Should().Be(WebSocketMessageType.Close);
        echo.CloseStatus.Should().Be(WebSocketCloseStatus.MessageTooBig);
    }

    private static async Task<(int ExitCode, string Log)> PublishAsync(string folder, string[] properties)
    {
        using var publish = Process.Start(new ProcessStartInfo("dotnet",
            ["publish", SampleProcess.ProjectOf("Aot"), "-c", "Release", "-r", "linux-x64", "--self-contained", "-o", folder, "-p:TrimmerSingleWarn=false", .. properties])
        {
            RedirectStandardOutput = true,
        })!;
        try
        {
            var log = publish.StandardOutput.ReadToEndAsync();
            await publish.WaitForExitAsync().WaitAsync(PublishTime);
            return (publish.ExitCode, await log.InTime());
        }
        finally
        {
            if (!publish.HasExited)
                publish.Kill(entireProcessTree: true);
        }
    }
}
