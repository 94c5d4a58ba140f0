namespace WsPumps.Dashboard;

/// <summary>A round trip of one connection.</summary>
/// <param name="At">When it was seen first, in milliseconds since 1970.</param>
/// <param name="Milliseconds">How long it took.</param>
internal readonly record struct RoundTrip(long At, double Milliseconds);
