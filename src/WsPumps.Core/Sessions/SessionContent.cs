using WsPumps.Outbound;

namespace WsPumps.Sessions;

/// <summary>What a session consists of besides its client: with it, the session goes on elsewhere.</summary>
/// <param name="MessagesReceived">How many data messages were received in it.</param>
/// <param name="Lacking">What the peer lacks of what was sent.</param>
/// <param name="Queued">What waits to be sent. It expires by the clock of this process.</param>
internal sealed record SessionContent(long MessagesReceived, IReadOnlyList<PreparedMessage> Lacking, IReadOnlyList<QueuedMessage> Queued);
