namespace WsPumps.Clustering;

/// <summary>A group or a user of one broadcaster.</summary>
internal readonly record struct PresenceKey(string Broadcaster, bool IsUser, string Name);
