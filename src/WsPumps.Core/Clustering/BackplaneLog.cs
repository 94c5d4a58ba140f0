using Microsoft.Extensions.Logging;

namespace WsPumps.Clustering;

/// <summary>
/// Logs each change of the engine's status. Of the attempts to connect that fail in a row, the first is a warning: the others would bury
/// what else is logged.
/// </summary>
internal sealed partial class BackplaneLog(IBackplane backplane, ILogger logger)
{
    private readonly Lock _lock = new();
    private bool _isConnected;
    private bool _isWarned;

    public void StatusChanged(BackplaneStatus status)
    {
        bool wasConnected, isWarned;
        lock (_lock)
        {
            (wasConnected, isWarned) = (_isConnected, _isWarned);
            _isConnected = status.State is BackplaneState.Connected;
            _isWarned = !_isConnected && !wasConnected;
        }

        if (status.State is BackplaneState.Connected)
            Log.Connected(logger, backplane.Name);
        else if (wasConnected)
            Log.Lost(logger, backplane.Name, status.Error);
        else if (isWarned)
            Log.StillUnreachable(logger, backplane.Name, status.Error);
        else
            Log.Unreachable(logger, backplane.Name, status.Error);
    }

    private static partial class Log
    {
        [LoggerMessage(212, LogLevel.Information, "Connected to the backplane {Backplane}.", EventName = "BackplaneConnected")]
        public static partial void Connected(ILogger logger, string backplane);

        [LoggerMessage(213, LogLevel.Warning, "The connection to the backplane {Backplane} is lost: {Error}. Clients of this server are " +
            "served as before; those of others get nothing until it is back.", EventName = "BackplaneLost")]
        public static partial void Lost(ILogger logger, string backplane, string? error);

        [LoggerMessage(214, LogLevel.Warning, "The backplane {Backplane} cannot be reached: {Error}. It is tried again.",
            EventName = "BackplaneUnreachable")]
        public static partial void Unreachable(ILogger logger, string backplane, string? error);

        [LoggerMessage(218, LogLevel.Debug, "The backplane {Backplane} still cannot be reached: {Error}. It is tried again.",
            EventName = "BackplaneStillUnreachable")]
        public static partial void StillUnreachable(ILogger logger, string backplane, string? error);
    }
}
