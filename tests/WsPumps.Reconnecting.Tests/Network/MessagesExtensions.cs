namespace WsPumps.Reconnecting.Tests.Network;

internal static class MessagesExtensions
{
    public static async Task<string> FirstAsync(this IAsyncEnumerable<Message> messages) => (await messages.TakeAsync(1))[0];

    public static async Task<List<string>> TakeAsync(this IAsyncEnumerable<Message> messages, int count)
    {
        using var limit = new CancellationTokenSource(Limit.Time);
        var texts = new List<string>();
        await foreach (var message in messages.WithCancellation(limit.Token))
        {
            texts.Add(message.GetText());
            if (texts.Count == count)
                break;
        }

        return texts;
    }
}
