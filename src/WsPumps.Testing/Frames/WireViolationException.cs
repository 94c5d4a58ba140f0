namespace WsPumps.Testing.Frames;

/// <summary>What was received is no WebSocket traffic that a server may send (RFC 6455).</summary>
internal sealed class WireViolationException(string message) : Exception(message);
