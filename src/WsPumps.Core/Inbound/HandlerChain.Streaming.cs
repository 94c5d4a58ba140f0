using WsPumps.Diagnostics;

namespace WsPumps.Inbound;

/// <content>Messages that are received as streams.</content>
internal sealed partial class HandlerChain
{
    /// <summary>Called for each message that is received as a stream; null where none is.</summary>
    public MessageStreamHandler? StreamHandler { get; init; }

    /// <summary>Never throws.</summary>
    private async ValueTask InvokeAsync(IncomingStream stream)
    {
        _work?.Begin();
        // It may block its thread until more has come, and the pump is what brings it.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        _work?.End();
        var watch = HandlerWatch.Begin(new Message(stream.Message.Type, default), client, _request, metrics, time, logger);
        try
        {
            await CallAsync(stream.Message).ConfigureAwait(false);
            watch.End("success");
        }
        catch (Exception exception) when (stream.IsBroken
            || (exception is OperationCanceledException && _cancelled.IsCancellationRequested))
        {
            watch.End("cancelled");
            Log.HandlerCancelled(logger, client.Id);
        }
        catch (Exception exception)
        {
            watch.End("error", exception);
            Log.HandlerFailed(logger, client.Id, exception);
            if (!_continueOnError)
                onError(exception);
        }
    }

    private ValueTask CallAsync(IncomingMessage message) => _work is null
        ? StreamHandler!(client, message, _cancelled.Token)
        : _work.RunAsync(() => StreamHandler!(client, message, _cancelled.Token));
}
