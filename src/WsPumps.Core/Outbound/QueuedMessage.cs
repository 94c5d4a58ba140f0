namespace WsPumps.Outbound;

/// <summary>A message in a queue.</summary>
/// <param name="Message">The message.</param>
/// <param name="ExpiresAt">The timestamp after which it is stale; 0 for never.</param>
internal readonly record struct QueuedMessage(PreparedMessage Message, long ExpiresAt);
