using WsPumps.Outbound;

namespace WsPumps.Core.Tests.Outbound;

/// <summary>Rests between its turns as the write pump does, and tells the test when a turn begins.</summary>
internal sealed class WaitingReader(OutboundChannel channel) : IThreadPoolWorkItem
{
    private TaskCompletionSource _turn = new();

    /// <returns>True when there is something to look at; false when nothing will come any more.</returns>
    public async Task<bool> WaitAsync()
    {
        _turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var end = channel.EndTurn(this);
        if (end is TurnEnd.Rests)
            await _turn.Task;
        return end is not TurnEnd.WasLast;
    }

    public void Execute() => _turn.SetResult();
}
