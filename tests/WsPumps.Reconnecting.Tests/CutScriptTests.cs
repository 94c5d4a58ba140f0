using System.Globalization;
using System.Net;
using System.Net.WebSockets;
using WsPumps.Reconnecting.Tests.Network;

namespace WsPumps.Reconnecting.Tests;

/// <summary>Random lives: writes, losses, refusals and closes in any order, on a clock of their own. The seed names the run.</summary>
public sealed class CutScriptTests
{
    private const int Runs = 1000;
    private const int Steps = 30;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 10)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Life_RandomCuts_EachMessageHasItsPlaceInTheSums(int part)
    {
        var received = 0;
        for (var seed = part * Runs / 10; seed < (part + 1) * Runs / 10; seed++)
            received += await LiveAsync(seed);

        received.Should().BePositive("lives in which nothing arrives prove nothing");
    }

    private static async Task<int> LiveAsync(int seed)
    {
        var (random, network) = (new Random(seed), new FakeNetwork());
        var client = network.CreateClient(options =>
        {
            options.MaxQueuedMessages = 8;
            options.TimeToLive = TimeSpan.FromSeconds(3);
        });
        _ = client.StartAsync();
        // What each connection has brought: the end of one may be read later than the beginning of the next.
        var readers = new List<Task<List<int>>>();
        var writes = new List<Task<SendResult>>();
        FakePeer? peer = null;
        for (var step = 0; step < Steps; step++)
        {
            switch (random.Next(8))
            {
                case < 4:
                    writes.Add(client.WriteAsync(PreparedMessage.Text(writes.Count.ToString(CultureInfo.InvariantCulture))).AsTask());
                    break;
                case 4:
                    network.Clock.Advance(TimeSpan.FromSeconds(random.Next(1, 20)));
                    break;
                case 5 when peer is not null:
                    peer.Cut();
                    await LostAsync();
                    break;
                case 6 when peer is not null:
                    await peer.CloseAsync((WebSocketCloseStatus)(random.Next(2) == 0 ? 1012 : 1011), "reconnect after 1500 ms");
                    await LostAsync();
                    break;
                default:
                    if (peer is null && Next() is { } attempt && Answer(attempt, random.Next(4)) is { } accepted)
                    {
                        peer = accepted;
                        readers.Add(ReadAsync(peer));
                        await FakeNetwork.UntilAsync(() => client.State is ReconnectingClientState.Connected);
                    }

                    break;
            }
        }

        var closing = client.CloseAsync();
        await network.Clock.AdvanceUntil(closing, TimeSpan.FromSeconds(1));
        var results = await Task.WhenAll(writes).InTime();
        peer?.Cut();
        var received = (await Task.WhenAll(readers).InTime()).SelectMany(numbers => numbers).ToList();

        var because = $"of seed {seed}";
        received.Should().BeInAscendingOrder(because).And.OnlyHaveUniqueItems(because);
        received.Select(number => results[number]).Should().NotContain([SendResult.Expired, SendResult.Full, SendResult.Closed], because);
        var sums = client.Statistics;
        sums.QueuedMessages.Should().Be(0, because);
        (sums.MessagesSent, sums.MessagesExpired, sums.MessagesUnknown, sums.MessagesClosed + sums.MessagesRefused)
            .Should().Be((Count(SendResult.Sent), Count(SendResult.Expired), Count(SendResult.Unknown), Count(SendResult.Closed) + Count(SendResult.Full)), because);
        return received.Count;

        int Count(SendResult result) => results.Count(r => r == result);

        async Task LostAsync()
        {
            peer = null;
            await FakeNetwork.UntilAsync(() => client.State is not ReconnectingClientState.Connected);
        }

        FakeNetwork.FakeAttempt? Next()
        {
            if (client.State is ReconnectingClientState.Waiting)
                network.Clock.Advance(TimeSpan.FromSeconds(31));
            return network.TryNext();
        }
    }

    private static FakePeer? Answer(FakeNetwork.FakeAttempt attempt, int how)
    {
        if (how > 1)
            return attempt.Accept();

        if (how == 0)
            attempt.Fail();
        else
            attempt.Refuse(HttpStatusCode.ServiceUnavailable);
        return null;
    }

    private static async Task<List<int>> ReadAsync(FakePeer peer)
    {
        var received = new List<int>();
        while (await peer.ReceiveAsync() is { } text)
            received.Add(int.Parse(text, CultureInfo.InvariantCulture));
        return received;
    }
}
