namespace WsPumps.Docs.Tests;

/// <param name="Line">Where it stands.</param>
/// <param name="Target">Where it leads.</param>
internal sealed record PageLink(int Line, string Target);
