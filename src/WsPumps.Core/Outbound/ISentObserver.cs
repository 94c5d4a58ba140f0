namespace WsPumps.Outbound;

/// <summary>Told which messages the next write holds, where somebody keeps them.</summary>
internal interface ISentObserver
{
    /// <summary>Just before the write, with control frames among them. By the one writer.</summary>
    void Sending(ReadOnlySpan<PreparedMessage> messages);
}
