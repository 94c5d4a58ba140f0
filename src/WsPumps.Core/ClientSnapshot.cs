namespace WsPumps;

/// <summary>One connection at one moment, for an admin view.</summary>
/// <param name="Id">The client's id.</param>
/// <param name="UserId">Whose connection it is; null when nobody is known.</param>
/// <param name="Groups">The groups it is in, in no order.</param>
/// <param name="Age">How long it has been connected; null where the client keeps no statistics.</param>
/// <param name="Statistics">What it has done; all zero where the client keeps none.</param>
public sealed record ClientSnapshot(string Id, string? UserId, IReadOnlyCollection<string> Groups, TimeSpan? Age, ClientStatistics Statistics);
