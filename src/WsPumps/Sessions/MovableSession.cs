using WsPumps.Clustering;

namespace WsPumps.Sessions;

/// <summary>A session that other servers may ask for.</summary>
internal sealed class MovableSession(SessionSeal seal, Task<Client?> client, Broadcaster broadcaster, ResumeOptions options)
    : ISessionHolder
{
    public SessionSeal Seal => seal;

    public Broadcaster Broadcaster => broadcaster;

    public ResumeOptions Options => options;

    public Task<Client?> Client => client;
}
