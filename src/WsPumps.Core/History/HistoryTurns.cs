using System.Diagnostics.CodeAnalysis;

namespace WsPumps.History;

/// <summary>What happens to one group with a history, in order and one at a time. Nothing is called under its lock.</summary>
internal sealed class HistoryTurns(Func<HistoryTurn, ValueTask> take, Action<Exception> failed)
{
    public const int Max = 10_000;

    private readonly Lock _lock = new();
    private readonly Queue<HistoryTurn> _turns = new();
    private bool _isRunning;

    /// <summary>Takes the turn, on this thread where no other is being taken.</summary>
    /// <returns>False when <see cref="Max"/> turns wait. A join always gets its turn.</returns>
    public bool TryAdd(HistoryTurn turn)
    {
        lock (_lock)
        {
            if (_turns.Count >= Max && turn is HistoryTurn.Write or HistoryTurn.Arrival or HistoryTurn.CatchUp)
                return false;

            _turns.Enqueue(turn);
            if (_isRunning)
                return true;

            _isRunning = true;
        }

        _ = RunAsync();
        return true;
    }

    /// <summary>Runs on the thread of the caller for as long as the store answers at once, as the one in memory does.</summary>
    private async Task RunAsync()
    {
        while (TryTake(out var turn))
        {
            try
            {
                await take(turn).ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                failed(exception);
            }
        }
    }

    private bool TryTake([NotNullWhen(true)] out HistoryTurn? turn)
    {
        lock (_lock)
            return _isRunning = _turns.TryDequeue(out turn);
    }
}
