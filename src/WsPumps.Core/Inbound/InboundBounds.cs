namespace WsPumps.Inbound;

/// <summary>How much of what was received may wait for a handler before the connection is not read further.</summary>
/// <param name="Messages">How many messages.</param>
/// <param name="Bytes">How many bytes; the message that passes the bound is still taken.</param>
/// <param name="Shared">What all connections together may hold; null for no such bound.</param>
internal readonly record struct InboundBounds(int Messages, long Bytes, InboundBudget? Shared)
{
    public static InboundBounds Of(ClientOptions options, QueueBudget? budget) =>
        new(options.MaxInboundMessages, options.EffectiveMaxInboundBytes, budget?.Inbound);

    public bool AreReached(int messages, long bytes) => messages >= Messages || bytes >= Bytes || Shared is { IsPassed: true };
}
