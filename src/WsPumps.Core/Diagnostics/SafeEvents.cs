using Microsoft.Extensions.Logging;

namespace WsPumps.Diagnostics;

/// <summary>
/// How every event is raised. What a subscriber throws is logged and keeps it from nobody else. What it causes on the same thread is told
/// next, not deeper in the stack: a subscriber that causes its own event must not end the process. Raise without a lock.
/// </summary>
internal static partial class SafeEvents
{
    /// <summary>
    /// Events that cause each other further than this go on elsewhere: whoever raised the first one gets its thread back.
    /// </summary>
    private const int MaxGenerations = 16;

    /// <summary>What is to be told next; not null while this thread is telling.</summary>
    [ThreadStatic]
    private static Queue<(Action Tell, int Generation)>? _next;

    [ThreadStatic]
    private static int _generation;

    /// <param name="subscribers">The event; null where nobody has subscribed.</param>
    /// <param name="argument">What they are told.</param>
    /// <param name="name">The name of the event, for the log.</param>
    /// <param name="connectionId">Whom it is about, for the log.</param>
    /// <param name="logger">Told what a subscriber throws.</param>
    public static void Raise<T>(Action<T>? subscribers, T argument, string name, string connectionId, ILogger logger)
    {
        if (subscribers is not null)
            Tell(() => Call(subscribers, argument, name, connectionId, logger));
    }

    /// <summary>Calls each subscriber and awaits it before the next. Never faults.</summary>
    /// <inheritdoc cref="Raise"/>
    public static async Task RaiseAsync<T>(Func<T, ValueTask> subscribers, T argument, string name, string connectionId, ILogger logger)
    {
        foreach (var subscriber in subscribers.GetInvocationList())
        {
            try
            {
                await ((Func<T, ValueTask>)subscriber)(argument).ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                Log.SubscriberFailed(logger, connectionId, name, exception);
            }
        }
    }

    /// <summary>Runs what tells subscribers: now, or next where this thread is telling already.</summary>
    /// <param name="tell">Calls them with <see cref="Call"/>, so that it does not throw.</param>
    public static void Tell(Action tell)
    {
        if (_next is { } next)
            next.Enqueue((tell, _generation + 1));
        else
            TellAll(new Queue<(Action, int)>([(tell, 0)]));
    }

    /// <summary>Calls each subscriber. Never throws. Inside <see cref="Tell"/>.</summary>
    public static void Call<T>(Action<T>? subscribers, T argument, string name, string connectionId, ILogger logger)
    {
        foreach (var subscriber in Delegate.EnumerateInvocationList(subscribers))
        {
            try
            {
                subscriber(argument);
            }
            catch (Exception exception)
            {
                Log.SubscriberFailed(logger, connectionId, name, exception);
            }
        }
    }

    private static void TellAll(Queue<(Action Tell, int Generation)> all)
    {
        _next = all;
        try
        {
            while (all.TryDequeue(out var next))
            {
                if (next.Generation > MaxGenerations)
                {
                    GoOnElsewhere(next.Tell, all);
                    return;
                }

                _generation = next.Generation;
                next.Tell();
            }
        }
        finally
        {
            (_next, _generation) = (null, 0);
        }
    }

    private static void GoOnElsewhere(Action first, Queue<(Action Tell, int Generation)> others)
    {
        var rest = new Queue<(Action, int)>([(first, 0), .. others.Select(static other => (other.Tell, 0))]);
        ThreadPool.UnsafeQueueUserWorkItem(static rest => TellAll(rest), rest, preferLocal: false);
    }

    private static partial class Log
    {
        [LoggerMessage(14, LogLevel.Error, "Connection {ConnectionId}: a subscriber of {Event} failed.", EventName = "SubscriberFailed")]
        public static partial void SubscriberFailed(ILogger logger, string connectionId, string @event, Exception exception);
    }
}
