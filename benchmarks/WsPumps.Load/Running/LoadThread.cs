using System.Runtime.ExceptionServices;
using WsPumps.Load.Platform;

namespace WsPumps.Load.Running;

/// <summary>The one thread that drives the load, on its own core.</summary>
internal static class LoadThread
{
    /// <summary>Returns when the work is done; throws what it throws.</summary>
    public static void Run(Action work)
    {
        Exception? failure = null;
        var load = new Thread(() =>
        {
            try
            {
                Cores.UseThoseOfLoad();
                work();
            }
            catch (Exception exception)
            {
                failure = exception;
            }
        });
        load.Start();
        load.Join();
        if (failure is not null)
            ExceptionDispatchInfo.Throw(failure);
    }
}
