namespace WsPumps.Dashboard;

/// <summary>How a connection does, the worst first.</summary>
internal static class ConnectionState
{
    /// <summary>Messages for it were dropped in the last seconds.</summary>
    public const string Dropping = "dropping";

    /// <summary>Messages wait in its queue.</summary>
    public const string Waiting = "waiting";

    /// <summary>It owes the answer to a ping for longer than one takes on its way.</summary>
    public const string Unanswered = "unanswered";

    /// <summary>Nothing has come from it for a minute.</summary>
    public const string Silent = "silent";

    public const string Fine = "fine";

    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Lateness = TimeSpan.FromSeconds(3);

    public static string Of(in ClientStatistics statistics, bool isDropping, TimeSpan? unansweredFor, DateTimeOffset now)
    {
        if (isDropping)
            return Dropping;
        if (statistics.QueuedMessages > 0)
            return Waiting;
        if (unansweredFor >= Lateness)
            return Unanswered;
        return statistics.LastReceivedAt != default && now - statistics.LastReceivedAt > Silence ? Silent : Fine;
    }
}
