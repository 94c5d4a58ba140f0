namespace WsPumps.Messages;

/// <summary>
/// Makes callbacks and handlers of what returns nothing, or the result of a write. Nothing is allocated for a write that does not wait.
/// </summary>
internal static class Calls
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
        return (client, message, cancellationToken) => Written(handler(client, message, cancellationToken));
    }

    public static Func<IClient, T, CancellationToken, ValueTask> Done<T>(
        Func<IClient, T, CancellationToken, ValueTask<WriteResult>> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return (client, value, cancellationToken) => Written(handler(client, value, cancellationToken));
    }

    public static Func<IClient, T, CancellationToken, ValueTask> Done<T>(Action<IClient, T, CancellationToken> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return (client, value, cancellationToken) =>
        {
            handler(client, value, cancellationToken);
            return default;
        };
    }

    public static Func<T, ValueTask> Done<T>(Func<T, ValueTask<WriteResult>> callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        return context => Written(callback(context));
    }

    public static Func<T, ValueTask> Done<T>(Action<T> callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        return context =>
        {
            callback(context);
            return default;
        };
    }

    public static Func<ClientFactoryContext, ValueTask<IClient>> Done(Func<ClientFactoryContext, IClient> factory)
    {
        ArgumentNullException.ThrowIfNull(factory);
        return context => ValueTask.FromResult(factory(context));
    }

    private static ValueTask Written(ValueTask<WriteResult> writing)
    {
        if (!writing.IsCompletedSuccessfully)
            return AwaitAsync(writing);

        _ = writing.Result;
        return default;
    }

    private static async ValueTask AwaitAsync(ValueTask<WriteResult> writing) => await writing;
}
