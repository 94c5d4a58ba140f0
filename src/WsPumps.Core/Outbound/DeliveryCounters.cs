namespace WsPumps.Outbound;

/// <summary>What became of the messages that a queue does not hold any more.</summary>
/// <remarks>A mutable struct without a lock: the field it lives in is guarded by its owner.</remarks>
internal struct DeliveryCounters
{
    /// <summary>Taken by the pump, and not handed to the transport yet.</summary>
    public (int Messages, long Bytes) InFlight { get; set; }

    /// <summary>By how many bytes what is in flight was more before it was compressed.</summary>
    public long InFlightSaved { get; set; }

    public (long Messages, long Bytes) Sent { get; private set; }

    /// <summary>By how many bytes what was sent was more before it was compressed.</summary>
    public long Saved { get; private set; }

    public (long Messages, long Bytes) Unsent { get; private set; }

    public void EndTurn(bool sent)
    {
        if (sent)
            (Sent, Saved) = ((Sent.Messages + InFlight.Messages, Sent.Bytes + InFlight.Bytes), Saved + InFlightSaved);
        else
            Discard(InFlight.Messages, InFlight.Bytes);
        (InFlight, InFlightSaved) = (default, 0);
    }

    public void Discard(int messages, long bytes) => Unsent = (Unsent.Messages + messages, Unsent.Bytes + bytes);
}
