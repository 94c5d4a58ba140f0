namespace WsPumps;

/// <summary>The result of a drain.</summary>
public readonly record struct DrainResult
{
    /// <summary>
    /// How many clients had to leave: those that were asked, those that connected in the meantime, and those that were aborted before it
    /// was their turn. The sum of <see cref="Left"/> and <see cref="Aborted"/>.
    /// </summary>
    public int Clients { get; init; }

    /// <summary>How many of them left before the deadline of the drain, in order or not.</summary>
    public int Left { get; init; }

    /// <summary>
    /// How many of <see cref="Left"/> were cut off without having answered the close, because <see cref="ClientOptions.CloseTimeout"/> or
    /// <see cref="ClientOptions.WriteTimeout"/> was over or their connection broke, as far as their <see cref="DisconnectRecord"/> tells.
    /// </summary>
    public int Unanswered { get; init; }

    /// <summary>How many of them were still there at the deadline of the drain, and were aborted then.</summary>
    public int Aborted { get; init; }

    /// <summary>How long the drain took.</summary>
    public TimeSpan Duration { get; init; }
}
