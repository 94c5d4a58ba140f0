using WsPumps.Inbound;

namespace WsPumps.Lifetime;

/// <summary>Notices a handler that holds up its connection: by its thread, or by messages that wait behind the one it handles.</summary>
internal struct SlowHandler
{
    /// <summary>Long enough for what a handler may wait for, short enough to be told while somebody looks for the cause.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private long _handled;
    private long _since;
    private bool _isTold;

    /// <returns>Whether it is to be told now: once for each message.</returns>
    public bool IsNoticed(in HeartbeatTick tick, Dispatcher dispatcher)
    {
        var handled = dispatcher.Handled;
        if (!dispatcher.HoldsUp || handled != _handled || _since == 0)
        {
            (_handled, _since, _isTold) = (handled, dispatcher.HoldsUp ? tick.Now : 0, false);
            return false;
        }

        return !_isTold && (_isTold = tick.HasPassed(Limit, _since));
    }
}
