using System.Diagnostics.CodeAnalysis;

namespace WsPumps.Outbound;

/// <summary>A lock for a handful of instructions: half the price of <see cref="Lock"/>, and no object of its own. Not recursive.</summary>
internal struct BriefLock()
{
    private SpinLock _lock = new(enableThreadOwnerTracking: false);

    /// <summary>Entered until the result is disposed.</summary>
    [UnscopedRef]
    public Held Enter()
    {
        var taken = false;
        _lock.Enter(ref taken);
        return new Held(ref _lock);
    }

    public readonly ref struct Held(ref SpinLock entered) : IDisposable
    {
        private readonly ref SpinLock _entered = ref entered;

        // The store that leaves is volatile, so it releases what was written before. A full barrier would only be fairer to those who wait.
        public void Dispose() => _entered.Exit(useMemoryBarrier: false);
    }
}
