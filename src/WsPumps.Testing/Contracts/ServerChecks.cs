using static WsPumps.Testing.Contracts.EnginesUnderTest;

namespace WsPumps.Testing.Contracts;

/// <summary>The contract of a backplane whose server goes away and comes back.</summary>
internal static class ServerChecks
{
    public static Dictionary<string, Func<EnginesUnderTest, ServerControl, Task>> All { get; } = new()
    {
        [nameof(Server_StopsAndStarts_IsConnectedAgainAndSubscribed)] = Server_StopsAndStarts_IsConnectedAgainAndSubscribed,
        [nameof(Server_IsStartedLater_ConnectsWithWhatWasWanted)] = Server_IsStartedLater_ConnectsWithWhatWasWanted,
    };

    private static async Task Server_StopsAndStarts_IsConnectedAgainAndSubscribed(EnginesUnderTest engines, ServerControl server)
    {
        var (engine, heard) = await engines.StartAsync().ConfigureAwait(false);
        var channel = engines.Channel("a");
        await heard.SubscribeAsync(engine, channel).ConfigureAwait(false);

        await server.StopAsync().ConfigureAwait(false);
        await heard.UntilAsync(() => heard.State is BackplaneState.Lost, "the status Lost, for the server was stopped")
            .ConfigureAwait(false);
        Expect(!engine.TryPublish(channel, new byte[1]), "TryPublish took a message while the server was away.");
        await server.StartAsync().ConfigureAwait(false);
        await heard.UntilConnectedAsync().ConfigureAwait(false);

        // Not subscribed to again: the engine has to have kept it.
        await heard.ProbeAsync(engine, channel).ConfigureAwait(false);
    }

    private static async Task Server_IsStartedLater_ConnectsWithWhatWasWanted(EnginesUnderTest engines, ServerControl server)
    {
        await server.StopAsync().ConfigureAwait(false);
        var (engine, heard) = await engines.BeginAsync().ConfigureAwait(false);
        engine.SetInterest(engines.Channel("a"), true);
        await heard.UntilAsync(() => heard.Statuses.Any(status => status.Error is not null), "a status with the reason")
            .ConfigureAwait(false);
        Expect(
            engine.Status.State is BackplaneState.Connecting,
            $"Status is {engine.Status.State}, not Connecting, before it ever connected.");

        await server.StartAsync().ConfigureAwait(false);

        await heard.UntilConnectedAsync().ConfigureAwait(false);
        await heard.ProbeAsync(engine, engines.Channel("a")).ConfigureAwait(false);
    }
}
