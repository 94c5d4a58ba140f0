namespace WsPumps.Sessions;

/// <summary>
/// Whose session it is. Another user's secret, or one from another origin, is another key, which finds nothing and disturbs nobody.
/// </summary>
internal readonly record struct SessionKey(UInt128 Secret, string? UserId, string? Origin);
