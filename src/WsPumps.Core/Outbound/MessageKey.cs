namespace WsPumps.Outbound;

/// <summary>A conflation key with its hash, which was computed before any lock was taken.</summary>
internal readonly record struct MessageKey(string Text, int Hash)
{
    /// <returns>Null where the message updates no value.</returns>
    public static MessageKey? Of(MessageOptions? options) =>
        options is { ConflationKey: { } text } ? new MessageKey(text, options.KeyHash) : null;
}
