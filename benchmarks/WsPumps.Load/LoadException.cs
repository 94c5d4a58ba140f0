namespace WsPumps.Load;

/// <summary>What stops a run, in a sentence for the person who started it.</summary>
internal sealed class LoadException(string message) : Exception(message);
