namespace WsPumps.Testing.Peers;

/// <summary>What a peer has received and a test has not yet asked for, and a log of all that has happened on the connection.</summary>
internal sealed class PeerInbox(VirtualTime time, string name, string? faults, TimeSpan limit)
{
    private const int ToldEvents = 12;
    private const int KeptEvents = 100_000;

    private readonly Lock _lock = new();
    private readonly LinkedList<PeerMessage> _messages = [];
    private readonly List<(TimeSpan At, string What)> _events = [];
    private TaskCompletionSource _changed = NewSignal();

    /// <summary>Why what is waited for may not come, for messages.</summary>
    public Func<IEnumerable<string>> Hints { get; set; } = static () => [];

    /// <summary>The last errors of the application, for messages.</summary>
    public Func<IEnumerable<string>> Errors { get; init; } = static () => [];

    public PeerEnd? End { get; private set; }

    /// <summary>The server's close frame; null before it.</summary>
    public PeerEnd? Close { get; private set; }

    public IReadOnlyList<string> Events
    {
        get
        {
            lock (_lock)
                return [.. _events.Select(Text)];
        }
    }

    public void Note(string what)
    {
        lock (_lock)
        {
            if (_events.Count < KeptEvents)
                _events.Add((time.Elapsed, what));
        }
    }

    public void Add(PeerMessage message) => Change($"received {message}", () => _messages.AddLast(message));

    public void AddClose(int status, string reason) =>
        Change($"received close {status} '{reason}'", () => Close = new PeerEnd { CloseStatus = status, CloseReason = reason });

    public void AddEnd(PeerEnd end) => Change($"ended with {end}", () => End = end);

    /// <summary>Takes the oldest message; null where there is none.</summary>
    public PeerMessage? TryTake() => TryTake(static _ => true);

    /// <summary>Takes the oldest message that fits, and those before it.</summary>
    public PeerMessage? TryTake(Func<PeerMessage, bool> fits)
    {
        lock (_lock)
        {
            var found = _messages.FirstOrDefault(fits);
            while (found is not null && !ReferenceEquals(TakeFirst(), found))
            {
            }

            return found;
        }
    }

    /// <summary>The oldest message, which stays.</summary>
    public PeerMessage? Peek()
    {
        lock (_lock)
            return _messages.First?.Value;
    }

    /// <summary>Waits until there is what is looked for.</summary>
    /// <param name="look">Returns it; null as long as it is not there.</param>
    /// <param name="isHopeless">Whether it can no longer come.</param>
    /// <param name="expected">For the message.</param>
    public async Task<T> WaitAsync<T>(Func<T?> look, Func<bool> isHopeless, string expected)
        where T : class
    {
        using var late = new CancellationTokenSource(limit, TimeProvider.System);
        while (true)
        {
            Task changed;
            lock (_lock)
                changed = _changed.Task;
            // First, so that what comes in between is not missed.
            var hopeless = isHopeless();
            if (look() is { } found)
                return found;
            if (hopeless)
                throw Failure($"{expected}, which cannot come any more", Errors());

            try
            {
                await changed.WaitAsync(late.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                throw Failure($"{expected}, which has not come within {limit} of real time", Hints().Concat(Errors()));
            }
        }
    }

    /// <param name="expected">What was expected, and why it is not there.</param>
    /// <param name="hints">What may be the cause.</param>
    public PumpsTestException Failure(string expected, IEnumerable<string>? hints = null) => Telling($"expected {expected}", hints);

    /// <param name="what">What the peer expected, or could not do.</param>
    /// <param name="hints">What may be the cause.</param>
    public PumpsTestException Telling(string what, IEnumerable<string>? hints = null)
    {
        string[] events;
        int earlier;
        lock (_lock)
        {
            events = [.. _events.TakeLast(ToldEvents).Select(Text)];
            earlier = _events.Count - events.Length;
        }

        var happened = events.Length == 0 ? "Nothing has happened since the handshake."
            : $"What happened{(earlier > 0 ? $", after {earlier} earlier events" : "")} (virtual time):";
        IEnumerable<string> lines = [$"{name} {what}. {happened}", .. events.Select(text => $"  {text}"), .. hints ?? [],
            .. faults is null ? Enumerable.Empty<string>() : [$"With {faults}."]];
        return new PumpsTestException(string.Join(Environment.NewLine, lines));
    }

    private static string Text((TimeSpan At, string What) happened) => $"{happened.At:c} {happened.What}";

    private PeerMessage TakeFirst()
    {
        var first = _messages.First!.Value;
        _messages.RemoveFirst();
        return first;
    }

    private void Change(string what, Action change)
    {
        TaskCompletionSource changed;
        lock (_lock)
        {
            change();
            Note(what);
            (changed, _changed) = (_changed, NewSignal());
        }

        changed.SetResult();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
