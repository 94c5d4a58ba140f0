namespace WsPumps.Sessions;

/// <summary>
/// A session from the moment at which its handshake is answered. The client comes when it is made; a peer whose line broke meanwhile may be
/// back before that, and waits for it: two sessions for one secret would each have a part of its messages. Null when none came of it.
/// </summary>
internal sealed class SessionEntry() : TaskCompletionSource<Client?>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The id of its client, from before anybody here knows that client; null while it has none.</summary>
    public string? ClientId { get; set; }

    /// <summary>Completes when nobody here knows its client any more.</summary>
    public Task Over => _over.Task;

    public void End() => _over.TrySetResult();
}
