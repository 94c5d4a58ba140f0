namespace WsPumps.Tests;

/// <summary>The handler of endpoints whose handler is not the matter.</summary>
internal static class Echo
{
    public static async ValueTask Handler(IClient client, Message message, CancellationToken cancellationToken) =>
        await client.WriteAsync(message, cancellationToken);

    public static void Endpoint(WebSocketPumpsEndpointBuilder endpoint) => endpoint.OnMessage(Handler);
}
