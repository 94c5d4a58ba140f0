namespace WsPumps.Outbound;

/// <summary>A message in a queue.</summary>
/// <param name="Message">The message.</param>
/// <param name="ExpiresAt">The timestamp after which it is stale; 0 for never.</param>
/// <param name="Key">The key under which a newer message may take its place; null where none may.</param>
internal readonly record struct QueuedMessage(PreparedMessage Message, long ExpiresAt, object? Key);
