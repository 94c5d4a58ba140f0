using Microsoft.Extensions.Logging;

namespace WsPumps;

/// <summary>What a reconnecting client tells. A logger that throws stops nothing.</summary>
internal sealed partial class ReconnectingLog(ILogger logger, Uri address)
{
    /// <summary>Without what may be secret in it.</summary>
    private readonly string _address = address.GetLeftPart(UriPartial.Path);

    public void Connected(long number, bool isResumed, string? subProtocol) =>
        Safely(() => Connected(logger, _address, number, isResumed, subProtocol));

    public void Reconnecting(ReconnectingEvent lost) =>
        Safely(() => Reconnecting(logger, _address, lost.Connection?.Reason, (int?)lost.Connection?.PeerStatus, (int?)lost.HttpStatus,
            lost.Delay, lost.Failures, lost.Exception));

    public void Ended(ReconnectingClientEnd end) =>
        Safely(() => Ended(logger, end.Reason is StopReason.Closed ? LogLevel.Debug : LogLevel.Warning, _address, end.Reason,
            (int?)end.Status, (int?)end.HttpStatus, end.Exception));

    public void CallbackFailed(string callback, Exception exception) => Safely(() => CallbackFailed(logger, _address, callback, exception));

    private static void Safely(Action log)
    {
        try
        {
            log();
        }
        catch (Exception)
        {
            // There is nobody left to tell.
        }
    }

    [LoggerMessage(200, LogLevel.Debug, "Connected to {Address}, connection {Number}, session resumed: {IsResumed}, subprotocol " +
        "{SubProtocol}.", EventName = "Connected")]
    private static partial void Connected(ILogger logger, string address, long number, bool isResumed, string? subProtocol);

    [LoggerMessage(201, LogLevel.Information, "No connection to {Address} (ended: {Reason}, close code {PeerStatus}; HTTP status " +
        "{HttpStatus}). The next attempt comes in {Delay}; {Failures} have failed in a row.", EventName = "Reconnecting")]
    private static partial void Reconnecting(ILogger logger, string address, DisconnectReason? reason, int? peerStatus, int? httpStatus,
        TimeSpan delay, int failures, Exception? exception);

    [LoggerMessage(EventId = 202, Message = "The client of {Address} has ended for good: {Reason}, close code {Status}, HTTP status " +
        "{HttpStatus}.", EventName = "Ended")]
    private static partial void Ended(ILogger logger, LogLevel level, string address, StopReason reason, int? status, int? httpStatus,
        Exception? exception);

    [LoggerMessage(203, LogLevel.Error, "The callback {Callback} of the client of {Address} has failed.", EventName = "CallbackFailed")]
    private static partial void CallbackFailed(ILogger logger, string address, string callback, Exception exception);
}
