using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using WsPumps.Diagnostics;

namespace WsPumps.Registry;

/// <summary>
/// One drain from its begin to its end: asks every client to leave, in batches, and those that come meanwhile; aborts at the deadline who
/// is left.
/// </summary>
internal sealed partial class DrainRun(IReadOnlyCollection<IClient> clients, ClientCalls calls, DrainOptions options, TimeProvider time,
    ILogger logger)
{
    /// <summary>How long the aborts may take all together. They take no time, unless a client breaks its contract.</summary>
    private static readonly TimeSpan AbortLimit = TimeSpan.FromSeconds(1);

    /// <summary>Those that were asked and have not left yet.</summary>
    private readonly ConcurrentDictionary<IClient, Task> _leaving = new(ReferenceEqualityComparer.Instance);

    private readonly TaskCompletionSource _resumed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _asked;
    private int _unanswered;

    /// <summary>From here on nobody else is asked, and whoever was not asked is left alone.</summary>
    public void Resume() => _resumed.TrySetResult();

    /// <summary>Asks a client to leave, once.</summary>
    public void Ask(IClient client)
    {
        var leaving = new TaskCompletionSource();
        if (!_leaving.TryAdd(client, leaving.Task))
            return;

        Interlocked.Increment(ref _asked);
        // A client of the user's own may block its caller: no other has to wait for it.
        _ = CountedWork.Run(time, () => LeaveAsync(client, leaving));
    }

    /// <summary>Completes when all clients are gone that are to leave, or the rest of them was aborted.</summary>
    public async Task<DrainResult> RunAsync(CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        var (unasked, aborted) = (0, 0);
        int? unanswered = null;
        using var cut = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            await LeaveAllAsync(cut.Token).WaitAsync(options.EffectiveTimeout, time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            IClient[] late = _resumed.Task.IsCompleted ? []
                : [.. clients.Where(client => !client.Completion.IsCompleted && !_leaving.ContainsKey(client))];
            IClient[] staying = [.. _leaving.Keys, .. late];
            Log.TimedOut(logger, staying.Length, options.EffectiveTimeout);
            unasked = late.Length;
            // Those that are aborted now have not answered either, but count once.
            unanswered = Volatile.Read(ref _unanswered);
            aborted = await AbortAsync(staying).ConfigureAwait(false);
        }
        finally
        {
            await CountedWork.Await(time, CountedWork.CancelAsync(time, cut));
        }

        var all = Volatile.Read(ref _asked) + unasked;
        var result = new DrainResult
        {
            Clients = all,
            Left = all - aborted,
            Unanswered = unanswered ?? Volatile.Read(ref _unanswered),
            Aborted = aborted,
            Duration = time.GetElapsedTime(began),
        };
        if (result.Clients > 0)
            Log.Drained(logger, result.Left, result.Clients, result.Unanswered, result.Aborted, result.Duration);
        return result;
    }

    private async Task LeaveAllAsync(CancellationToken cancellationToken)
    {
        await PauseAsync(options.Delay, cancellationToken).ConfigureAwait(false);
        await AskAllAsync(cancellationToken).ConfigureAwait(false);

        // Who comes meanwhile is asked then, and is waited for as well.
        while (_leaving.Values is { Count: > 0 } leaving)
            await Task.WhenAll(leaving).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task AskAllAsync(CancellationToken cancellationToken)
    {
        var present = clients.ToArray();
        if (present.Length > 0)
            Log.Begun(logger, present.Length, (int)options.Status);
        var pace = new DrainPace(options, present.Length);
        for (var next = 0; next < present.Length; next += pace.BatchSize)
        {
            if (next > 0)
                await PauseAsync(pace.NextPause(), cancellationToken).ConfigureAwait(false);
            if (_resumed.Task.IsCompleted)
                return;

            foreach (var client in present.AsSpan(next, Math.Min(pace.BatchSize, present.Length - next)))
                Ask(client);
            Log.Progress(logger, Volatile.Read(ref _asked), present.Length, present.Length - clients.Count);
        }
    }

    /// <summary>Ends early when the drain is ended.</summary>
    private async Task PauseAsync(TimeSpan pause, CancellationToken cancellationToken)
    {
        if (pause <= TimeSpan.Zero)
            return;

        try
        {
            await CountedWork.Await(time, CountedWork.Until(time, _resumed.Task).WaitAsync(pause, time, cancellationToken));
        }
        catch (TimeoutException)
        {
            // The pause is over.
        }
    }

    /// <summary>Ends when the client has; its own deadlines see to that. Never faults.</summary>
    private async Task LeaveAsync(IClient client, TaskCompletionSource leaving)
    {
        try
        {
            await client.CloseAsync(options.Status, options.NextReason()).ConfigureAwait(false);
            await CountedWork.Await(time, client.Completion);
            if (IsUnanswered(await client.Completion.ConfigureAwait(false)))
                Interlocked.Increment(ref _unanswered);
        }
        catch (Exception exception)
        {
            Log.CloseFailed(logger, client.Id, exception);
            calls.Abort(client);
        }
        finally
        {
            _leaving.TryRemove(client, out _);
            leaving.SetResult();
        }
    }

    private static bool IsUnanswered(DisconnectRecord record) =>
        record is { PeerStatus: null, Reason: DisconnectReason.Shutdown or DisconnectReason.LocalClosed };

    /// <returns>How many had not ended by themselves meanwhile.</returns>
    private async Task<int> AbortAsync(IClient[] staying)
    {
        var aborts = Array.ConvertAll(staying, client => CountedWork.Call(time, () => Task.FromResult(calls.Abort(client))));
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
        [LoggerMessage(30, LogLevel.Warning, "The drain began {Limit} ago. Clients that are still connected, and are aborted: {Clients}.",
            EventName = "DrainTimedOut")]
        public static partial void TimedOut(ILogger logger, int clients, TimeSpan limit);

        [LoggerMessage(31, LogLevel.Error, "Connection {ConnectionId}: closing it for shutdown failed. It is aborted.",
            EventName = "ShutdownCloseFailed")]
        public static partial void CloseFailed(ILogger logger, string connectionId, Exception exception);

        [LoggerMessage(34, LogLevel.Information, "The drain begins. Clients that are asked to leave with {Status}: {Clients}.",
            EventName = "DrainBegun")]
        public static partial void Begun(ILogger logger, int clients, int status);

        [LoggerMessage(35, LogLevel.Information, "{Asked} of {Clients} clients were asked to leave; {Left} have left.",
            EventName = "DrainProgress")]
        public static partial void Progress(ILogger logger, int asked, int clients, int left);

        [LoggerMessage(36, LogLevel.Information, "{Left} of {Clients} clients have left, {Unanswered} of them cut off without an answer " +
            "to the close; {Aborted} were aborted at the deadline, {Duration} after the drain began.",
            EventName = "Drained")]
        public static partial void Drained(ILogger logger, int left, int clients, int unanswered, int aborted, TimeSpan duration);

        [LoggerMessage(37, LogLevel.Error,
            "Clients that have not returned from Abort within {Limit}, and are no longer waited for: {Clients}.",
            EventName = "DrainAbortBlocks")]
        public static partial void AbortBlocks(ILogger logger, int clients, TimeSpan limit);
    }
}
