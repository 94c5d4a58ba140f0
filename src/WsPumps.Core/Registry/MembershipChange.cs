namespace WsPumps.Registry;

/// <summary>A client joined the group, or left it.</summary>
internal sealed record MembershipChange(string Group, bool Joined);
