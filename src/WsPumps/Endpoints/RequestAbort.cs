using Microsoft.AspNetCore.Http.Features;

namespace WsPumps.Endpoints;

/// <summary>
/// Aborts a request for as long as it is this one: the server uses its objects for the next, which a late abort must not hit.
/// </summary>
internal sealed class RequestAbort(IHttpRequestLifetimeFeature lifetime)
{
    private const int Armed = 0;
    private const int Aborting = 1;
    private const int Disarmed = 2;

    private int _state;
    private int _abortingThread;

    /// <summary>From any thread, also twice.</summary>
    public void Abort()
    {
        if (Interlocked.CompareExchange(ref _state, Aborting, Armed) != Armed)
            return;

        Volatile.Write(ref _abortingThread, Environment.CurrentManagedThreadId);
        try
        {
            lifetime.Abort();
        }
        finally
        {
            Volatile.Write(ref _state, Disarmed);
        }
    }

    /// <summary>
    /// The connection has ended. Returns when no other thread is aborting it, which takes no longer than the server's own call. What the
    /// abort ends may run on its own thread.
    /// </summary>
    public void Disarm()
    {
        var wait = default(SpinWait);
        while (Interlocked.CompareExchange(ref _state, Disarmed, Armed) == Aborting
            && Volatile.Read(ref _abortingThread) != Environment.CurrentManagedThreadId)
        {
            wait.SpinOnce();
        }
    }
}
