namespace WsPumps.Outbound;

/// <summary>What one queue holds of a budget that it shares with others.</summary>
/// <remarks>A mutable struct without a lock: the field it lives in is guarded by its owner.</remarks>
internal struct BudgetShare(QueueBudget? budget)
{
    private long _charged;
    private bool _isWatched;
    private long _progressAt;

    /// <summary>Null where nothing is shared.</summary>
    public readonly QueueBudget? Budget => budget;

    /// <summary>
    /// How much the queues of the budget had been given altogether when this one last took something, or began to have something to take.
    /// </summary>
    public long ProgressAt => Volatile.Read(ref _progressAt);

    /// <summary>The budget forgets a queue that holds nothing.</summary>
    /// <returns>False when it holds something.</returns>
    public bool TryUnwatch()
    {
        _isWatched = _charged > 0;
        return !_isWatched;
    }

    /// <param name="held">How many bytes it holds now.</param>
    /// <param name="isIdle">Whether nothing is being written.</param>
    /// <param name="effects">What follows.</param>
    public void Charge(long held, bool isIdle, ref QueueEffects effects)
    {
        if (budget is null || held == _charged)
            return;

        if (_charged == 0 && isIdle)
            Volatile.Write(ref _progressAt, budget.Clock);
        effects.IsOverBudget |= budget.Charge(held - _charged);
        _charged = held;
        effects.NeedsWatch |= held > 0 && !_isWatched;
        _isWatched |= held > 0;
    }

    public void NoteProgress()
    {
        if (budget is not null)
            Volatile.Write(ref _progressAt, budget.Clock);
    }
}
