namespace WsPumps.Load.Servers;

/// <summary>A server that can be started by name. It speaks on /echo, to the sender, and on /broadcast, to everybody there.</summary>
/// <param name="Name">As given to <c>--server</c>.</param>
/// <param name="About">What it is, in a few words.</param>
/// <param name="StartAsync">Listens on the port of localhost, or on a free one for 0, and returns the port.</param>
internal sealed record LoadServer(string Name, string About, Func<ServerSettings, Task<int>> StartAsync)
{
    /// <summary>Whether it has /broadcast.</summary>
    public bool Broadcasts { get; init; } = true;

    /// <summary>Whether it takes part in comparisons where nobody says who does.</summary>
    public bool IsCompared { get; init; } = true;

    public bool SpeaksSignalR { get; init; }

    /// <summary>Whether it has neither TLS nor HTTP/2 nor compression.</summary>
    public bool IsPlain { get; init; }

    public static IReadOnlyList<LoadServer> All { get; } =
    [
        new("wspumps", "WsPumps as it is mapped by default", WsPumpsServer.StartAsync),
        new("wspumps-resume", "WsPumps with sessions that resume", WsPumpsServer.StartResumingAsync),
        new("wspumps-stream", "WsPumps with DirectWrites off, over Kestrel's stream", WsPumpsServer.StartOverStreamAsync),
        new("wspumps-websocket", "WsPumps over WebSocket.SendAsync", WsPumpsServer.StartOverWebSocketAsync),
        new("wspumps-dashboard", "WsPumps with its dashboard at /pumps", WsPumpsServer.StartWithDashboardAsync) { IsCompared = false },
        new("handwritten", "ASP.NET Core, a channel and a send loop for each client", HandwrittenServer.StartAsync),
        new("direct", "ASP.NET Core, one receive and one send at a time; echo only", DirectServer.StartAsync) { Broadcasts = false },
        new("signalr", "SignalR, JSON protocol", SignalRServer.StartAsync) { SpeaksSignalR = true },
        new("floor", "bare sockets, one thread, no server at all", FloorServer.StartAsync) { IsPlain = true },
    ];

    /// <summary>WsPumps with one of its transports.</summary>
    public static LoadServer WithTransport(string transport) => transport switch
    {
        "direct" => Find("wspumps"),
        "stream" => Find("wspumps-stream"),
        "websocket" => Find("wspumps-websocket"),
        _ => throw new LoadException($"There is no transport '{transport}'. There are: direct, stream, websocket."),
    };

    public static LoadServer Find(string name) => All.FirstOrDefault(server => server.Name == name)
        ?? throw new LoadException($"There is no server '{name}'. There are: {string.Join(", ", All.Select(server => server.Name))}.");
}
