using System.Globalization;
using static WsPumps.Testing.Contracts.EnginesUnderTest;

namespace WsPumps.Testing.Contracts;

/// <summary>The contract of a backplane whose server stays.</summary>
internal static class EngineChecks
{
    private const int Thousands = 5000;
    private const int QuietRounds = 3;

    public static Dictionary<string, Func<EnginesUnderTest, Task>> All { get; } = new()
    {
        [nameof(Start_ServerIsThere_SaysConnected)] = Start_ServerIsThere_SaysConnected,
        [nameof(Start_ServerIsNotThere_CompletesAndSaysWhy)] = Start_ServerIsNotThere_CompletesAndSaysWhy,
        [nameof(Publish_EngineWithInterest_ReceivesIt)] = Publish_EngineWithInterest_ReceivesIt,
        [nameof(Publish_OwnChannel_ComesBack)] = Publish_OwnChannel_ComesBack,
        [nameof(Publish_Thousands_ArriveInOrder)] = Publish_Thousands_ArriveInOrder,
        [nameof(Publish_AlmostAMebibyte_ArrivesWhole)] = Publish_AlmostAMebibyte_ArrivesWhole,
        [nameof(Publish_EmptyAndEveryByte_ArriveAsTheyAre)] = Publish_EmptyAndEveryByte_ArriveAsTheyAre,
        [nameof(Publish_LongestChannel_Arrives)] = Publish_LongestChannel_Arrives,
        [nameof(SetInterest_Off_NothingComesAnyMore)] = SetInterest_Off_NothingComesAnyMore,
        [nameof(SetInterest_OffAndOn_IsOn)] = SetInterest_OffAndOn_IsOn,
        [nameof(SetInterest_ManyChannels_EachIsHeard)] = SetInterest_ManyChannels_EachIsHeard,
        [nameof(Dispose_Twice_IsHarmless)] = Dispose_Twice_IsHarmless,
    };

    private static async Task Start_ServerIsThere_SaysConnected(EnginesUnderTest engines)
    {
        var (engine, heard) = await engines.StartAsync().ConfigureAwait(false);

        Expect(engine.Name.Length > 0, "Name is empty.");
        Expect(engine.Status.State is BackplaneState.Connected, $"Status is {engine.Status.State}, and Connected was told.");
        Expect(engine.Status.Error is null, $"Status has the error '{engine.Status.Error}', and it is connected.");
        Expect(engine.Status.Since != default, "Status does not say since when.");
        Expect(heard.State is BackplaneState.Connected, $"{heard.State} was told last, and Status is Connected.");
    }

    private static async Task Start_ServerIsNotThere_CompletesAndSaysWhy(EnginesUnderTest engines)
    {
        var (engine, heard) = await engines.BeginWithoutServerAsync().ConfigureAwait(false);
        engine.SetInterest(engines.Channel("a"), true);

        Expect(!engine.TryPublish(engines.Channel("a"), Bytes("lost")), "TryPublish took a message, and there is no server.");
        await heard.UntilAsync(() => heard.Statuses.Any(status => !string.IsNullOrEmpty(status.Error)), "a status with the reason")
            .ConfigureAwait(false);
        Expect(engine.Status.State is not BackplaneState.Connected, "Status is Connected, and there is no server.");
        Expect(!string.IsNullOrEmpty(engine.Status.Error), "Status does not say why it is not connected.");
    }

    private static async Task Publish_EngineWithInterest_ReceivesIt(EnginesUnderTest engines)
    {
        var (one, told) = await engines.StartAsync().ConfigureAwait(false);
        var (other, heard) = await engines.StartAsync().ConfigureAwait(false);
        await heard.SubscribeAsync(other, engines.Channel("a")).ConfigureAwait(false);

        await PublishAsync(one, told, engines.Channel("a"), Bytes("hello")).ConfigureAwait(false);

        await ExpectNextAsync(heard, engines.Channel("a"), Bytes("hello")).ConfigureAwait(false);
    }

    private static async Task Publish_OwnChannel_ComesBack(EnginesUnderTest engines)
    {
        var (engine, heard) = await engines.StartAsync().ConfigureAwait(false);
        await heard.SubscribeAsync(engine, engines.Channel("a")).ConfigureAwait(false);

        await PublishAsync(engine, heard, engines.Channel("a"), Bytes("to myself")).ConfigureAwait(false);

        await ExpectNextAsync(heard, engines.Channel("a"), Bytes("to myself")).ConfigureAwait(false);
    }

    private static async Task Publish_Thousands_ArriveInOrder(EnginesUnderTest engines)
    {
        var channel = engines.Channel("a");
        var (one, told) = await engines.StartAsync().ConfigureAwait(false);
        var (other, heard) = await engines.StartAsync().ConfigureAwait(false);
        await heard.SubscribeAsync(other, channel).ConfigureAwait(false);

        for (var i = 0; i < Thousands; i++)
            await PublishAsync(one, told, channel, Bytes(i.ToString(CultureInfo.InvariantCulture))).ConfigureAwait(false);

        for (var i = 0; i < Thousands; i++)
            await ExpectNextAsync(heard, channel, Bytes(i.ToString(CultureInfo.InvariantCulture))).ConfigureAwait(false);
    }

    private static async Task Publish_AlmostAMebibyte_ArrivesWhole(EnginesUnderTest engines)
    {
        var (one, told) = await engines.StartAsync().ConfigureAwait(false);
        var (other, heard) = await engines.StartAsync().ConfigureAwait(false);
        await heard.SubscribeAsync(other, engines.Channel("a")).ConfigureAwait(false);
        var data = new byte[1024 * 1024 - 512];
        new Random(1).NextBytes(data);

        await PublishAsync(one, told, engines.Channel("a"), data).ConfigureAwait(false);

        await ExpectNextAsync(heard, engines.Channel("a"), data).ConfigureAwait(false);
    }

    private static async Task Publish_EmptyAndEveryByte_ArriveAsTheyAre(EnginesUnderTest engines)
    {
        var (engine, heard) = await engines.StartAsync().ConfigureAwait(false);
        await heard.SubscribeAsync(engine, engines.Channel("a")).ConfigureAwait(false);
        byte[] every = [.. Enumerable.Range(0, 256).Select(i => (byte)i)];

        await PublishAsync(engine, heard, engines.Channel("a"), every).ConfigureAwait(false);
        await PublishAsync(engine, heard, engines.Channel("a"), []).ConfigureAwait(false);

        await ExpectNextAsync(heard, engines.Channel("a"), every).ConfigureAwait(false);
        await ExpectNextAsync(heard, engines.Channel("a"), []).ConfigureAwait(false);
    }

    private static async Task Publish_LongestChannel_Arrives(EnginesUnderTest engines)
    {
        var (engine, heard) = await engines.StartAsync().ConfigureAwait(false);
        var channel = engines.Channel("").PadRight(200, 'x');
        await heard.SubscribeAsync(engine, channel).ConfigureAwait(false);

        await PublishAsync(engine, heard, channel, Bytes("far")).ConfigureAwait(false);

        await ExpectNextAsync(heard, channel, Bytes("far")).ConfigureAwait(false);
    }

    private static async Task SetInterest_Off_NothingComesAnyMore(EnginesUnderTest engines)
    {
        var (one, _) = await engines.StartAsync().ConfigureAwait(false);
        var (other, heard) = await engines.StartAsync().ConfigureAwait(false);
        var (off, stays) = (engines.Channel("a"), engines.Channel("b"));
        await heard.SubscribeAsync(other, off).ConfigureAwait(false);
        await heard.SubscribeAsync(other, stays).ConfigureAwait(false);

        other.SetInterest(off, false);

        // Soon: an engine may take a while to leave a channel.
        var start = TimeProvider.System.GetTimestamp();
        for (var quiet = 0; quiet < QuietRounds;)
        {
            one.TryPublish(off, Bytes("not wanted"));
            await heard.ProbeAsync(one, stays).ConfigureAwait(false);
            quiet++;
            while (heard.TryTake() is not null)
                quiet = 0;
            if (TimeProvider.System.GetElapsedTime(start) > heard.RealTimeLimit)
                throw heard.Failure($"nothing of '{off}' after interest in it was switched off, and it still comes");
        }
    }

    private static async Task SetInterest_OffAndOn_IsOn(EnginesUnderTest engines)
    {
        var (engine, heard) = await engines.StartAsync().ConfigureAwait(false);
        await heard.SubscribeAsync(engine, engines.Channel("a")).ConfigureAwait(false);

        engine.SetInterest(engines.Channel("a"), false);
        engine.SetInterest(engines.Channel("a"), true);

        await heard.ProbeAsync(engine, engines.Channel("a")).ConfigureAwait(false);
    }

    private static async Task SetInterest_ManyChannels_EachIsHeard(EnginesUnderTest engines)
    {
        var (engine, heard) = await engines.StartAsync().ConfigureAwait(false);
        List<string> channels = [.. Enumerable.Range(0, 100).Select(i => engines.Channel($"many-{i}"))];
        foreach (var channel in channels)
            engine.SetInterest(channel, true);

        foreach (var channel in channels)
            await heard.ProbeAsync(engine, channel).ConfigureAwait(false);
    }

    private static async Task Dispose_Twice_IsHarmless(EnginesUnderTest engines)
    {
        var (engine, _) = await engines.StartAsync().ConfigureAwait(false);

        await engines.InTimeAsync(engine.DisposeAsync().AsTask(), "DisposeAsync").ConfigureAwait(false);
        await engines.InTimeAsync(engine.DisposeAsync().AsTask(), "The second DisposeAsync").ConfigureAwait(false);

        Expect(!engine.TryPublish(engines.Channel("a"), Bytes("late")), "TryPublish took a message after DisposeAsync.");
    }

    /// <summary>Publishes, as often as the engine says that it takes messages again.</summary>
    private static async Task PublishAsync(IBackplane engine, RecordingReceiver told, string channel, byte[] data)
    {
        var writable = told.TimesWritable;
        while (!engine.TryPublish(channel, data))
        {
            await told.UntilAsync(() => told.TimesWritable > writable, "Writable, after TryPublish had returned false")
                .ConfigureAwait(false);
            writable = told.TimesWritable;
        }
    }

    private static async Task ExpectNextAsync(RecordingReceiver heard, string channel, byte[] data)
    {
        var message = await heard.NextAsync().ConfigureAwait(false);
        Expect(message.Channel == channel, $"A message came on the channel '{message.Channel}', and not on '{channel}'.");
        Expect(
            message.Data.Span.SequenceEqual(data),
            $"Another message came than the next that was published: {Told(message.Data.Span)} instead of {Told(data)}.");
    }

    private static string Told(ReadOnlySpan<byte> data) =>
        $"{data.Length} bytes ({Convert.ToHexString(data[..Math.Min(16, data.Length)])})";
}
