namespace WsPumps.Dashboard;

/// <summary>What an ending means to who looks at it; the page has a colour for each.</summary>
internal static class Severity
{
    public const string Good = "good";
    public const string Warning = "warning";
    public const string Bad = "bad";
    public const string None = "none";

    /// <param name="ending">A reason as the metrics name it.</param>
    public static string Of(string ending) => ending switch
    {
        "peer_closed" or "local_closed" or "shutdown" or "lifetime_over" or "replaced" => Good,
        "handler_error" or "server_error" or "not_created" => Bad,
        _ => Warning,
    };
}
