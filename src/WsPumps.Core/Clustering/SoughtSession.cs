namespace WsPumps.Clustering;

/// <summary>A session that another node has, and offers.</summary>
/// <param name="seeker">Who has asked.</param>
/// <param name="question">The question.</param>
/// <param name="node">Who has it.</param>
/// <param name="offer">What was offered.</param>
/// <param name="received">How many messages the client has received in it.</param>
internal sealed class SoughtSession(SessionSeeker seeker, SessionQuestion question, ulong node, SessionOffer offer, long received)
    : IDisposable
{
    public SessionQuestion Question => question;

    public ulong Node => node;

    public SessionOffer Offer => offer;

    public long Received => received;

    /// <summary>It is not wanted any more, or was taken.</summary>
    public void Dispose() => seeker.Forget(question);
}
