namespace WsPumps.Clustering;

/// <summary>An envelope that waits for the engine.</summary>
internal readonly record struct OutboxEntry(string Channel, byte[] Data, long AddedAt, bool IsNumbered);
