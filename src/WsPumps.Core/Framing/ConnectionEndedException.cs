namespace WsPumps.Framing;

/// <summary>To those who stream a message to a peer: the connection has ended, which is no fault of theirs.</summary>
internal sealed class ConnectionEndedException(string message) : IOException(message);
