namespace WsPumps.Clustering;

/// <summary>A question to other nodes whose answers come in. Safe for concurrent use.</summary>
internal sealed class PendingQuery(IReadOnlyDictionary<ulong, string> nodes)
{
    private readonly Dictionary<ulong, byte[]> _answers = [];
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _complete = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when all have answered.</summary>
    public Task Complete => _complete.Task;

    public void Add(ulong instance, ReadOnlySpan<byte> answer)
    {
        lock (_lock)
        {
            if (!nodes.ContainsKey(instance) || !_answers.TryAdd(instance, answer.ToArray()) || _answers.Count < nodes.Count)
                return;
        }

        _complete.TrySetResult();
    }

    /// <summary>The answers so far, by node id, and who has not answered.</summary>
    public (List<(string NodeId, byte[] Answer)> Answers, List<string> Missing) Result()
    {
        lock (_lock)
        {
            return ([.. _answers.Select(answer => (nodes[answer.Key], answer.Value))],
                [.. nodes.Where(node => !_answers.ContainsKey(node.Key)).Select(node => node.Value)]);
        }
    }
}
