using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using WsPumps.Testing;

namespace WsPumps.Redis.Tests;

internal static class Engines
{
    public static RedisBackplane Of(string address, Action<RedisBackplaneOptions>? configure = null, LogRecorder? log = null)
    {
        var options = new RedisBackplaneOptions { Configuration = address };
        configure?.Invoke(options);
        return new RedisBackplane(options, log is null ? NullLogger<RedisBackplane>.Instance : LoggerOf(log));
    }

    public static RedisBackplane WithoutServer() => Of($"127.0.0.1:{ServerProcess.FreePort()}");

    /// <summary>Starts it, and returns when it is connected.</summary>
    public static async Task<RecordingReceiver> StartAsync(RedisBackplane engine)
    {
        var heard = new RecordingReceiver();
        await engine.StartAsync(heard, CancellationToken.None).InTime();
        await heard.UntilConnectedAsync();
        return heard;
    }

    private static ILogger<RedisBackplane> LoggerOf(LogRecorder log) =>
        LoggerFactory.Create(logging => logging.SetMinimumLevel(LogLevel.Debug).AddProvider(log.Provider)).CreateLogger<RedisBackplane>();
}
