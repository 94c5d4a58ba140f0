namespace WsPumps;

/// <summary>What came of a drain.</summary>
/// <param name="Clients">How many clients were connected when the first was asked to leave.</param>
/// <param name="Left">How many of them left in time.</param>
/// <param name="Aborted">How many were aborted at the deadline, with those that had come meanwhile.</param>
/// <param name="Duration">How long it took.</param>
public readonly record struct DrainResult(int Clients, int Left, int Aborted, TimeSpan Duration);
