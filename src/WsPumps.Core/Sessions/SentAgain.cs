namespace WsPumps.Sessions;

/// <summary>What a peer that comes back lacks, held on to from the moment at which it was promised.</summary>
/// <param name="Messages">The messages.</param>
/// <param name="UpTo">The number of the last one.</param>
internal sealed record SentAgain(PreparedMessage[] Messages, long UpTo);
