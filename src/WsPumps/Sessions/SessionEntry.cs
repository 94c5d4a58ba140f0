namespace WsPumps.Sessions;

/// <summary>
/// A session from the moment at which its handshake is answered. The client comes when it is made; a peer whose line broke meanwhile may be
/// back before that, and waits for it: two sessions for one secret would each have a part of its messages. Null when none came of it.
/// </summary>
internal sealed class SessionEntry() : TaskCompletionSource<Client?>(TaskCreationOptions.RunContinuationsAsynchronously);
