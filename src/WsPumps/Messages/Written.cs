namespace WsPumps.Messages;

/// <summary>Makes handlers of what returns nothing, or the result of a write. Nothing is allocated for a write that does not wait.</summary>
internal static class Written
{
    public static MessageHandler Handler(Action<IClient, Message, CancellationToken> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return (client, message, cancellationToken) =>
        {
            handler(client, message, cancellationToken);
            return default;
        };
    }

    public static MessageHandler Handler(Func<IClient, Message, CancellationToken, ValueTask<WriteResult>> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return (client, message, cancellationToken) => Done(handler(client, message, cancellationToken));
    }

    public static ValueTask Done(ValueTask<WriteResult> writing)
    {
        if (!writing.IsCompletedSuccessfully)
            return AwaitAsync(writing);

        _ = writing.Result;
        return default;
    }

    private static async ValueTask AwaitAsync(ValueTask<WriteResult> writing) => await writing;
}
