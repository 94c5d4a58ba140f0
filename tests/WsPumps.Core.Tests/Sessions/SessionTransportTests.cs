using WsPumps.Sessions;

namespace WsPumps.Core.Tests.Sessions;

public sealed class SessionTransportTests
{
    private readonly FakeConnection _first = new();
    private readonly SentMessages _sent = new(100, 100_000);
    private readonly SessionTransport _session;
    private int _losses;

    public SessionTransportTests() => _session = new SessionTransport(_first, _sent, () => _losses++, TimeProvider.System);

    [Fact]
    public async Task Serve_AfterALoss_SendsAgainWhatThePeerLacksAndThenWhatFollows()
    {
        await WriteAsync("1");
        await WriteAsync("2");
        await WriteAsync("3");
        _session.TryLose(_first).Should().BeTrue();
        var waiting = WriteAsync("4");
        waiting.IsCompleted.Should().BeFalse();

        var next = new FakeConnection();
        (await ServeAsync(_session, next, 1).InTime()).Should().Be(3);
        await waiting.InTime();
        await WriteAsync("5");

        _first.IsAborted.Should().BeTrue();
        next.Texts.Should().Equal("2", "3", "4", "5");
    }

    [Fact]
    public async Task Write_ConnectionFails_IsNoFailureAndComesWithTheNextOne()
    {
        _first.CutAfter(1);
        await WriteAsync("1");
        await WriteAsync("2").InTime();

        _session.IsAway.Should().BeTrue();
        var next = new FakeConnection();
        await ServeAsync(_session, next, 0).InTime();

        next.Texts.Should().Equal("1", "2");
    }

    [Fact]
    public async Task Lose_WhileAWriteIsUnderWay_TheWriteEndsAndIsSentAgainOnce()
    {
        _first.Stall();
        var stalled = WriteAsync("1");
        _session.TryLose(_first);
        var next = new FakeConnection();

        await ServeAsync(_session, next, 0).InTime();
        await stalled.InTime();
        await WriteAsync("2");

        next.Texts.Should().Equal("1", "2");
    }

    [Fact]
    public async Task Serve_IsCutItself_TheNextOneGetsAllOfIt()
    {
        for (var i = 1; i <= 50; i++)
            await WriteAsync($"{i}:{new string('x', 1000)}");
        _session.TryLose(_first);
        var second = new FakeConnection();
        second.CutAfter(1);

        (await ServeAsync(_session, second, 0).InTime()).Should().BeNull();
        _session.IsAway.Should().BeTrue();
        var third = new FakeConnection();
        await ServeAsync(_session, third, second.Texts.Length).InTime();

        second.Texts.Should().NotBeEmpty();
        second.Texts.Concat(third.Texts).Select(text => text.Split(':')[0]).Should().Equal(Enumerable.Range(1, 50).Select(i => $"{i}"));
    }

    [Fact]
    public async Task Lacking_RingDoesNotReachBack_IsNoneAndSaysHowManyAreLost()
    {
        for (var i = 1; i <= 150; i++)
            await WriteAsync($"{i}");
        _session.TryLose(_first);

        _session.Kept.LackingAfter(40, out var missed).Should().BeNull();
        missed.Should().Be(10);
        _session.Kept.LackingAfter(50, out _)!.Messages.Should().HaveCount(100);
        _session.Kept.LackingAfter(151, out missed).Should().BeNull();
        missed.Should().BeNull();
    }

    [Fact]
    public async Task Abort_WhileAWriteWaits_TheWriteFails()
    {
        _session.TryLose(_first);
        var waiting = WriteAsync("1");

        _session.Abort();

        await waiting.Awaiting(waiting => waiting.InTime()).Should().ThrowAsync<IOException>();
        (await ServeAsync(_session, new FakeConnection(), 0).InTime()).Should().BeNull();
    }

    [Fact]
    public void Lose_TwiceOrAnEarlierConnection_ChangesNothing()
    {
        _session.TryLose(new FakeConnection()).Should().BeFalse();
        _session.IsServed.Should().BeTrue();
        _session.TryLose(_first).Should().BeTrue();
        _session.TryLose(_first).Should().BeFalse();
        _losses.Should().Be(1);
    }

    /// <summary>The peer counts what it has been given; connections are lost at any moment, also while it is sent something again.</summary>
    [Fact]
    public async Task Cuts_AtEveryKindOfPlace_NothingIsLostDoubledOrOutOfOrder()
    {
        for (var seed = 0; seed < 300; seed++)
            await RunAsync(new Random(seed), seed);
    }

    private static async Task RunAsync(Random random, int seed)
    {
        const int count = 60;
        var connection = new FakeConnection();
        var session = new SessionTransport(connection, new SentMessages(count, 100_000), () => { }, TimeProvider.System);
        var received = new List<string>();
        var writing = Task.Run(async () =>
        {
            for (var i = 1; i <= count; i++)
            {
                var message = PreparedMessage.Text($"{i}");
                session.Sending([message]);
                await session.WriteAsync(message.Frame);
            }
        });
        while (!writing.IsCompleted || received.Count < count)
        {
            connection.CutAfter(random.Next(8));
            if (random.Next(3) == 0)
                await Task.Yield();
            session.TryLose(connection);
            received.AddRange(connection.Texts);
            connection = new FakeConnection();
            connection.CutAfter(random.Next(1, 12));
            await ServeAsync(session, connection, received.Count).InTime();
            if (writing.IsCompleted && received.Count + connection.Texts.Length >= count)
                received.AddRange(connection.Texts);
        }

        await writing.InTime();
        received.Should().Equal(Enumerable.Range(1, count).Select(i => $"{i}"), "of seed {0}", seed);
    }

    private static async Task<int?> ServeAsync(SessionTransport session, FakeConnection next, long received) =>
        session.Kept.LackingAfter(received, out _) is { } lacking ? await session.ServeAsync(next, lacking, () => true) : null;

    private Task WriteAsync(string text)
    {
        var message = PreparedMessage.Text(text);
        _session.Sending([message]);
        return _session.WriteAsync(message.Frame).AsTask();
    }
}
