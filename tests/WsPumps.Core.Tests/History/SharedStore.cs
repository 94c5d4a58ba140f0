namespace WsPumps.Core.Tests.History;

/// <summary>A store that several servers share, slow as one over a network, or not to be reached.</summary>
internal sealed class SharedStore(IHistoryStore inner) : IHistoryStore
{
    public bool IsAway { get; set; }

    /// <summary>What each append waits for; null for nothing.</summary>
    public TaskCompletionSource? Until { get; init; }

    /// <summary>What the answer to the next read waits for; null for nothing.</summary>
    public TaskCompletionSource? AnswersAfter { get; set; }

    /// <summary>Called by each read, on its thread; null for nothing.</summary>
    public Action? OnRead { get; set; }

    /// <summary>Completes when a read has its answer.</summary>
    public TaskCompletionSource HasRead { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public async ValueTask<HistoryEntry> AppendAsync(string group, PreparedMessage message, HistoryOptions options, bool beginAnew, CancellationToken cancellationToken)
    {
        await Task.Yield();
        if (Until is not null)
            await Until.Task;
        if (IsAway)
            throw new IOException("away");

        var entry = await inner.AppendAsync(group, message, options, beginAnew, cancellationToken);
        await Task.Yield();
        return entry;
    }

    public async ValueTask<HistoryRead> ReadAsync(string group, HistoryOffset after, HistoryOptions options, CancellationToken cancellationToken)
    {
        OnRead?.Invoke();
        await Task.Yield();
        if (IsAway)
            throw new IOException("away");

        var read = await inner.ReadAsync(group, after, options, cancellationToken);
        if (AnswersAfter is { } answers)
        {
            AnswersAfter = null;
            HasRead.TrySetResult();
            await answers.Task;
        }

        return read;
    }
}
