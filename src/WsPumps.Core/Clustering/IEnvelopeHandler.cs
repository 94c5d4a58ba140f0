namespace WsPumps.Clustering;

/// <summary>Takes what other nodes have sent for this one, in order for each channel. Throws nothing and never waits.</summary>
internal interface IEnvelopeHandler
{
    void Handle(in Envelope envelope, ref BodyReader body);
}
