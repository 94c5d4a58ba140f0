namespace WsPumps.Load.Scenarios;

/// <summary>All scenarios, with the sizes they are measured with.</summary>
internal static class ScenarioList
{
    private const int FanOutClients = 500;
    private const int SmallMessage = 128;
    private const int EchoClients = 50;

    /// <param name="idleConnections">Those of the idle scenario.</param>
    public static IReadOnlyList<Scenario> Create(int idleConnections) =>
    [
        new FanOut("fanout-1", FanOutClients, SmallMessage, inFlight: 1),
        new FanOut("fanout-4", FanOutClients, SmallMessage, inFlight: 4),
        new FanOut("fanout-16", FanOutClients, SmallMessage, inFlight: 16),
        new FanOut("fanout-64", FanOutClients, SmallMessage, inFlight: 64),
        Levels.FanOut("fanout", FanOutClients, SmallMessage, 1, 4, 16, 64),
        new FanOutAtRate("fanout-rate", FanOutClients, SmallMessage, perSecond: 100),
        new FanOutAtRate("fanout-half-load", FanOutClients, SmallMessage, perSecond: 240),
        new FanOut("fanout-100-clients", clients: 100, SmallMessage, inFlight: 4),
        new FanOut("fanout-10000-clients", clients: 10_000, SmallMessage, inFlight: 4),
        new FanOut("fanout-10000-clients-16", clients: 10_000, SmallMessage, inFlight: 16),
        new CompressedBroadcast("broadcast-compressed", FanOutClients, bytes: 1024, inFlight: 4),
        Levels.Echo("echo", EchoClients, SmallMessage, 1, 16),
        new Echo("echo-1", EchoClients, SmallMessage, depth: 1),
        new Echo("echo-16", EchoClients, SmallMessage, depth: 16),
        new Echo("echo-64KiB", clients: 10, 64 * 1024, depth: 1),
        new Echo("echo-1MiB", clients: 4, 1024 * 1024, depth: 1),
        new StalledTenth("stalled-tenth", clients: 300, 4096, perSecond: 150),
        new StalledTenth("stalled-minute", clients: 1_000, SmallMessage, perSecond: 400, longerBy: 15),
        new ConnectStorm("connects", atATime: 50),
        new Idle("idle", idleConnections),
    ];
}
