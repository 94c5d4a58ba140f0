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
    private static Queue<(Action Tell, IWorkCounter? Work, int Generation)>? _next;

    [ThreadStatic]
    private static int _generation;

    /// <param name="subscribers">The event; null where nobody has subscribed.</param>
    /// <param name="argument">What they are told.</param>
    /// <param name="name">The name of the event, for the log.</param>
    /// <param name="connectionId">The connection that it is about, for the log.</param>
    /// <param name="logger">Told what a subscriber throws.</param>
    /// <param name="time">A clock that may count what is at work.</param>
    public static void Raise<T>(Action<T>? subscribers, T argument, string name, string connectionId, ILogger logger,
        TimeProvider? time = null)
    {
        if (subscribers is not null)
            RaiseToSome(subscribers, argument, name, connectionId, logger, time as IWorkCounter);
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
    /// <param name="work">Counts it where it goes on elsewhere; null for nobody.</param>
    public static void Tell(Action tell, IWorkCounter? work = null)
    {
        if (_next is { } next)
            next.Enqueue((tell, work, _generation + 1));
        else
            TellAll(new Queue<(Action, IWorkCounter?, int)>([(tell, work, 0)]));
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

    /// <summary>Apart, because what it captures is allocated where it begins, and most events have no subscriber.</summary>
    private static void RaiseToSome<T>(Action<T> subscribers, T argument, string name, string connectionId, ILogger logger,
        IWorkCounter? work) => Tell(() => Call(subscribers, argument, name, connectionId, logger), work);

    private static void TellAll(Queue<(Action Tell, IWorkCounter? Work, int Generation)> all)
    {
        _next = all;
        try
        {
            while (all.TryDequeue(out var next))
            {
                if (next.Generation > MaxGenerations)
                {
                    GoOnElsewhere([next, .. all]);
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

    private static void GoOnElsewhere((Action Tell, IWorkCounter? Work, int Generation)[] all)
    {
        var rest = new Queue<(Action, IWorkCounter?, int)>(all.Select(static next => (Counted(next.Tell, next.Work), next.Work, 0)));
        ThreadPool.UnsafeQueueUserWorkItem(static rest => TellAll(rest), rest, preferLocal: false);
    }

    /// <summary>On its way to another thread it is work.</summary>
    private static Action Counted(Action tell, IWorkCounter? work)
    {
        if (work is null)
            return tell;

        work.Begin();
        return () =>
        {
            try
            {
                tell();
            }
            finally
            {
                work.End();
            }
        };
    }

    private static partial class Log
    {
        [LoggerMessage(14, LogLevel.Error, "Connection {ConnectionId}: a subscriber of {Event} failed.", EventName = "SubscriberFailed")]
        public static partial void SubscriberFailed(ILogger logger, string connectionId, string @event, Exception exception);
    }
}
