using WsPumps.Diagnostics;

namespace WsPumps.Inbound;

/// <summary>
/// How much a peer may send. Called by <see cref="ReadPump"/> for what one step brought after the other, except for <see cref="Stop"/>.
/// </summary>
internal sealed class InboundRate
{
    private readonly TimeProvider _time;
    private readonly TokenBucket? _messages;
    private readonly TokenBucket? _bytes;
    private readonly bool _throttles;
    private readonly CancellationTokenSource _stopped = new();
    private volatile bool _isWaiting;

    public InboundRate(ClientOptions options, TimeProvider time)
    {
        _time = time;
        _throttles = options.FastClientPolicy is FastClientPolicy.Throttle;
        _messages = options.MaxMessagesPerSecond is { } messages ? new TokenBucket(messages, options.RateBurst, time) : null;
        _bytes = options.MaxBytesPerSecond is { } bytes ? new TokenBucket(bytes, options.RateBurst, time) : null;
    }

    /// <summary>Whether something waits to be allowed: nothing is read meanwhile.</summary>
    public bool IsWaiting { get => _isWaiting; private set => _isWaiting = value; }

    /// <summary>Asked last, with the bytes of the message.</summary>
    public Func<int, CancellationToken, ValueTask<bool>>? Admit { get; set; }

    /// <returns>Null where the options limit nothing.</returns>
    public static InboundRate? Of(ClientOptions options, TimeProvider time) =>
        options.MaxMessagesPerSecond is null && options.MaxBytesPerSecond is null ? null : new InboundRate(options, time);

    /// <param name="frames">How many frames have come.</param>
    /// <param name="bytes">How many bytes of payload.</param>
    /// <param name="isMessage">Whether they end a message.</param>
    /// <returns>Whether it may go on.</returns>
    public async ValueTask<bool> AdmitAsync(int frames, int bytes, bool isMessage)
    {
        // One by one: a bucket lets pass more than it holds, once.
        for (var i = 0; i < frames; i++)
        {
            if (!await TakeAsync(_messages, 1).ConfigureAwait(false))
                return false;
        }

        return await TakeAsync(_bytes, bytes).ConfigureAwait(false)
            && (!isMessage || Admit is not { } admit || await AskAsync(admit, bytes).ConfigureAwait(false));
    }

    /// <summary>The connection ends: waiting stops.</summary>
    public void Stop()
    {
        if (!_stopped.IsCancellationRequested)
            _ = CountedWork.CancelAsync(_time, _stopped);
    }

    private async ValueTask<bool> TakeAsync(TokenBucket? bucket, int tokens)
    {
        while (bucket?.Take(tokens) is { } wait && wait > TimeSpan.Zero)
        {
            if (!_throttles)
                return false;
            if (!await UnlessStoppedAsync(Task.Delay(wait, _time, _stopped.Token)).ConfigureAwait(false))
                return true;
        }

        return true;
    }

    private async ValueTask<bool> AskAsync(Func<int, CancellationToken, ValueTask<bool>> admit, int bytes)
    {
        var asking = admit(bytes, _stopped.Token);
        if (asking.IsCompletedSuccessfully)
            return asking.Result;

        var answer = asking.AsTask();
        return !await UnlessStoppedAsync(answer).ConfigureAwait(false) || await answer.ConfigureAwait(false);
    }

    /// <returns>False when the connection ended first. Nobody handles the message then.</returns>
    private async Task<bool> UnlessStoppedAsync(Task waiting)
    {
        IsWaiting = true;
        try
        {
            await CountedWork.Await(_time, waiting);
            return true;
        }
        catch (OperationCanceledException) when (_stopped.IsCancellationRequested)
        {
            return false;
        }
        finally
        {
            IsWaiting = false;
        }
    }
}
