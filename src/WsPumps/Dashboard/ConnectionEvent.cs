namespace WsPumps.Dashboard;

/// <summary>Something that has happened to a connection.</summary>
/// <param name="Number">Counts the events of this process.</param>
/// <param name="At">When, in milliseconds since 1970.</param>
/// <param name="Kind">What: opened, joined, left, dropped or ended.</param>
/// <param name="Severity">One of <see cref="Dashboard.Severity"/>.</param>
/// <param name="Connection">The id of the client.</param>
/// <param name="User">Whose it is; null where nobody is known.</param>
/// <param name="Text">The rest: a group, a number, a reason.</param>
internal sealed record ConnectionEvent(long Number, long At, string Kind, string Severity, string Connection, string? User, string Text);
