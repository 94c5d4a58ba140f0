using Microsoft.Extensions.Logging;
using WsPumps.Diagnostics;

namespace WsPumps.Registry;

/// <summary>Asks every client to leave, in batches, and those that come meanwhile; aborts at the deadline who is left.</summary>
internal sealed partial class Drain(IReadOnlyCollection<IClient> clients, ClientCalls calls, TimeProvider time, ILogger logger)
{
    /// <summary>How long the aborts may take all together. They take no time, unless a client breaks its contract.</summary>
    private static readonly TimeSpan AbortLimit = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private volatile DrainOptions? _options;
    private bool _isFinal;

    /// <summary>Whether a client that comes now is asked to leave at once.</summary>
    public bool IsOn => _options is not null;

    /// <summary>Lets clients stay again, unless the drain is a final one.</summary>
    public void End()
    {
        lock (_lock)
            _options = _isFinal ? _options : null;
    }

    /// <summary>
    /// To be told of each client after it was added. Either this sees that the drain has begun, or the drain sees the client:
    /// the one adds and then looks, the other begins and then looks, each with a barrier between.
    /// </summary>
    public void OnAdded(IClient client)
    {
        Interlocked.MemoryBarrier();
        if (_options is { } options)
            _ = LeaveAsync(client, options);
    }

    /// <summary>Completes when all clients are gone, or the rest was aborted.</summary>
    /// <param name="options">How.</param>
    /// <param name="isFinal">Whether there is no way back.</param>
    /// <param name="cancellationToken">Ends the waiting and the asking.</param>
    public async Task<DrainResult> RunAsync(DrainOptions options, bool isFinal, CancellationToken cancellationToken)
    {
        Begin(options, isFinal);
        var began = time.GetTimestamp();
        var asked = new List<Task>();
        var aborted = 0;
        using var cut = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            await AskAllAsync(options, asked, cut.Token).WaitAsync(options.EffectiveTimeout, time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            Log.TimedOut(logger, clients.Count, options.EffectiveTimeout);
            aborted = await AbortRestAsync().ConfigureAwait(false);
        }
        finally
        {
            await cut.CancelAsync().ConfigureAwait(false);
        }

        var result = new DrainResult
        {
            Clients = asked.Count,
            Left = Math.Max(0, asked.Count - aborted),
            Aborted = aborted,
            Duration = time.GetElapsedTime(began),
        };
        if (result.Clients > 0)
            Log.Drained(logger, result.Left, result.Clients, result.Aborted, result.Duration);
        return result;
    }

    private void Begin(DrainOptions options, bool isFinal)
    {
        lock (_lock)
            (_options, _isFinal) = (options, _isFinal || isFinal);
        Interlocked.MemoryBarrier();
    }

    private async Task AskAllAsync(DrainOptions options, List<Task> asked, CancellationToken cancellationToken)
    {
        if (options.Delay > TimeSpan.Zero)
            await Task.Delay(options.Delay, time, cancellationToken).ConfigureAwait(false);

        var present = clients.ToArray();
        if (present.Length > 0)
            Log.Begun(logger, present.Length, (int)options.Status);
        var pace = new DrainPace(options, present.Length);
        foreach (var batch in present.Chunk(pace.BatchSize))
        {
            if (asked.Count > 0)
                await Task.Delay(pace.NextPause(), time, cancellationToken).ConfigureAwait(false);
            // A client of the user's own may block its caller: no other has to wait for it.
            asked.AddRange(batch.Select(client => CountedWork.Run(time, () => LeaveAsync(client, options))));
            Log.Progress(logger, asked.Count, present.Length, present.Length - clients.Count);
        }

        await Task.WhenAll(asked).WaitAsync(cancellationToken).ConfigureAwait(false);
        // Those that came meanwhile were asked when they came.
        await Task.WhenAll(clients.Select(client => client.Completion)).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Ends when the client has; its own deadlines see to that. Never faults.</summary>
    private async Task LeaveAsync(IClient client, DrainOptions options)
    {
        try
        {
            await client.CloseAsync(options.Status, options.NextReason()).ConfigureAwait(false);
            await client.Completion.ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            Log.CloseFailed(logger, client.Id, exception);
            calls.Abort(client);
        }
    }

    private async Task<int> AbortRestAsync()
    {
        var aborts = clients.Select(client => Task.Run(() => calls.Abort(client))).ToArray();
        try
        {
            await Task.WhenAll(aborts).WaitAsync(AbortLimit, time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            Log.AbortBlocks(logger, aborts.Count(abort => !abort.IsCompleted), AbortLimit);
        }

        return aborts.Count(abort => !abort.IsCompletedSuccessfully || abort.Result);
    }

    private static partial class Log
    {
        [LoggerMessage(30, LogLevel.Warning, "{Clients} clients were still connected {Limit} after the drain began. They are aborted.", EventName = "DrainTimedOut")]
        public static partial void TimedOut(ILogger logger, int clients, TimeSpan limit);

        [LoggerMessage(31, LogLevel.Error, "Connection {ConnectionId}: closing it for shutdown failed. It is aborted.", EventName = "ShutdownCloseFailed")]
        public static partial void CloseFailed(ILogger logger, string connectionId, Exception exception);

        [LoggerMessage(34, LogLevel.Information, "{Clients} clients are asked to leave with {Status}.", EventName = "DrainBegun")]
        public static partial void Begun(ILogger logger, int clients, int status);

        [LoggerMessage(35, LogLevel.Information, "{Asked} of {Clients} clients were asked to leave; {Left} have left.", EventName = "DrainProgress")]
        public static partial void Progress(ILogger logger, int asked, int clients, int left);

        [LoggerMessage(36, LogLevel.Information, "{Left} of {Clients} clients have left, {Aborted} were aborted, in {Duration}.", EventName = "Drained")]
        public static partial void Drained(ILogger logger, int left, int clients, int aborted, TimeSpan duration);

        [LoggerMessage(37, LogLevel.Error, "{Clients} clients have not returned from Abort within {Limit}. They are no longer waited for.", EventName = "DrainAbortBlocks")]
        public static partial void AbortBlocks(ILogger logger, int clients, TimeSpan limit);
    }
}
