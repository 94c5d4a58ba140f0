using Microsoft.Extensions.Logging;

namespace WsPumps.Endpoints;

/// <summary>Ends a connection whose place a newer one has taken. The connection's end is awaited by its runner.</summary>
internal sealed partial class Replacement(IClient client, TimeProvider time, ILogger logger) : IReplaceable
{
    public TimeProvider Time => time;

    public void Replace() => _ = ReplaceAsync();

    public void Abort()
    {
        try
        {
            client.Abort();
        }
        catch (Exception exception)
        {
            Log.ReplaceFailed(logger, client.Id, exception);
        }
    }

    private async Task ReplaceAsync()
    {
        try
        {
            await client.CloseAsReplacedAsync();
        }
        catch (Exception exception)
        {
            Log.ReplaceFailed(logger, client.Id, exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(134, LogLevel.Error,
            "Connection {ConnectionId}: a newer connection took its place, but closing it failed.", EventName = "ReplaceFailed")]
        public static partial void ReplaceFailed(ILogger logger, string connectionId, Exception exception);
    }
}
