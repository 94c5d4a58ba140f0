namespace WsPumps.Benchmarks.InMemory;

/// <summary>Makes clients over streams in memory, by the way an endpoint makes them.</summary>
public static class Clients
{
    /// <summary>A client over the stream.</summary>
    public static Client Over(Stream wire, Action<ClientOptions>? configure = null)
    {
        var options = new ClientOptions { PingInterval = TimeSpan.Zero };
        configure?.Invoke(options);
        return new Client(new StreamWebSocket(wire, new StreamWebSocketOptions { Abort = static () => { } }), new ClientSettings { Options = options });
    }

    /// <summary>A client whose write pump runs.</summary>
    public static Client WritingTo(Stream wire)
    {
        var client = Over(wire);
        _ = client.WritePumpAsync(static _ => { }, TimeSpan.Zero, CancellationToken.None);
        return client;
    }
}
