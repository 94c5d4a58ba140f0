using WsPumps.History;

namespace WsPumps.Core.Tests.History;

public sealed class GroupHistoryTests
{
    private readonly ManualTimeProvider _clock = new();
    private readonly FakeMembers _members = new();
    private readonly LogRecorder _log = new();
    private readonly GroupHistory _history;

    public GroupHistoryTests() => _history = New(new HistoryOptions { Count = 10, Age = TimeSpan.FromMinutes(1), Stamp = WithPosition });

    [Fact]
    public async Task Join_WithoutAPosition_GetsAllThatIsKeptAndThenWhatComes()
    {
        Write("1", "2");
        var client = new RecordingClient();

        var result = await _history.JoinAsync(client, null, default).InTime();
        Write("3");

        result.Status.Should().Be(HistoryStatus.Complete);
        result.Replayed.Should().Be(2);
        client.WrittenTexts.Select(Text).Should().Equal("1", "2", "3");
    }

    [Fact]
    public async Task Join_AfterAPosition_GetsWhatCameAfterIt()
    {
        var first = new RecordingClient();
        await _history.JoinAsync(first, null, default).InTime();
        Write("1", "2");
        _members.Leave(first);
        Write("3", "4");
        var position = Position(first.WrittenTexts[^1]);
        var again = new RecordingClient();

        var result = await _history.JoinAsync(again, position, default).InTime();

        result.Status.Should().Be(HistoryStatus.Complete);
        again.WrittenTexts.Select(Text).Should().Equal("3", "4");
        result.Position.Should().Be(Position(again.WrittenTexts[^1]));
    }

    [Fact]
    public async Task Join_AfterTheLast_GetsNothingOfBefore()
    {
        Write("1");
        var position = (await _history.JoinAsync(new RecordingClient(), null, default).InTime()).Position;
        var client = new RecordingClient();

        var result = await _history.JoinAsync(client, position, default).InTime();

        result.Status.Should().Be(HistoryStatus.Complete);
        result.Replayed.Should().Be(0);
        client.WrittenTexts.Should().BeEmpty();
    }

    [Fact]
    public async Task Join_HistoryDoesNotReachBack_IsAGapAndWhatComesComes()
    {
        Write("0");
        var position = (await _history.JoinAsync(new RecordingClient(), null, default).InTime()).Position;
        Write([.. Enumerable.Range(1, 11).Select(i => $"{i}")]);
        var client = new RecordingClient();

        var result = await _history.JoinAsync(client, position, default).InTime();
        Write("new");

        result.Status.Should().Be(HistoryStatus.Gap);
        client.WrittenTexts.Select(Text).Should().Equal("new");
    }

    [Fact]
    public async Task Join_AsFarBackAsTheHistoryReaches_IsComplete()
    {
        Write("0");
        var position = (await _history.JoinAsync(new RecordingClient(), null, default).InTime()).Position;
        Write([.. Enumerable.Range(1, 10).Select(i => $"{i}")]);

        var result = await _history.JoinAsync(new RecordingClient(), position, default).InTime();

        result.Status.Should().Be(HistoryStatus.Complete);
        result.Replayed.Should().Be(10);
    }

    [Fact]
    public async Task Join_AllIsTooOld_IsAGap()
    {
        Write("1");
        var position = (await _history.JoinAsync(new RecordingClient(), null, default).InTime()).Position;
        Write("2");
        _clock.Advance(TimeSpan.FromMinutes(2));

        (await _history.JoinAsync(new RecordingClient(), position, default).InTime()).Status.Should().Be(HistoryStatus.Gap);
    }

    [Fact]
    public async Task Join_PositionOfAnotherEpoch_IsAGap() =>
        (await _history.JoinAsync(new RecordingClient(), "0.1", default).InTime()).Status.Should().Be(HistoryStatus.Gap);

    [Theory]
    [InlineData("")]
    [InlineData("abc")]
    [InlineData(".1")]
    [InlineData("abc.")]
    [InlineData("abc.-1")]
    [InlineData("abc.1-")]
    [InlineData("ABC.1")]
    [InlineData("abc.1-2-3")]
    [InlineData("abcdefghijklmnopq.1")]
    [InlineData("abc.99999999999999999999999")]
    public async Task Join_PositionIsMalformed_IsAnErrorThatQuotesIt(string position)
    {
        var join = () => _history.JoinAsync(new RecordingClient(), position, default).InTime();

        (await join.Should().ThrowAsync<ArgumentException>()).WithMessage($"'{position}' is no position*");
    }

    [Fact]
    public async Task Join_ClientIsGone_DoesNotJoin()
    {
        Write("1");
        var client = new RecordingClient { Respond = static _ => WriteResult.Closed };
        client.End();

        (await _history.JoinAsync(client, null, default).InTime()).Status.Should().Be(HistoryStatus.NotJoined);
        _members.Contains(client).Should().BeFalse();
    }

    [Fact]
    public async Task Join_WhileEightWritersWrite_NobodyMissesAMessageOrGetsOneTwice()
    {
        const int Writers = 8;
        // All together fewer than may wait for their turn: on a busy machine they do, and one more would begin the history anew.
        const int EachWrites = 1000;
        var history = New(new HistoryOptions { Count = Writers * EachWrites });
        var clients = new List<RecordingClient>();
        var joined = 0;
        var writing = Enumerable.Range(0, Writers).Select(writer => Background.Run(() =>
        {
            for (var i = 0; i < EachWrites; i++)
            {
                // A join for each tenth of the messages at least, however slow the machine is with one of the two.
                SpinWait.SpinUntil(() => Volatile.Read(ref joined) > i * 10 / EachWrites, Limit.Time).Should().BeTrue();
                history.Write([], PreparedMessage.Text($"{writer}:{i}"));
            }
        })).ToList();

        while (!Task.WhenAll(writing).IsCompleted && clients.Count < 100)
        {
            var client = new RecordingClient();
            clients.Add(client);
            (await history.JoinAsync(client, null, default).InTime()).Status.Should().Be(HistoryStatus.Complete);
            Interlocked.Increment(ref joined);
        }

        await Task.WhenAll(writing).InTime();
        await ReceivedAsync(clients[0]);
        var all = clients[0].WrittenTexts;
        for (var writer = 0; writer < Writers; writer++)
            all.Where(text => text.StartsWith($"{writer}:", StringComparison.Ordinal)).Should().Equal(Enumerable.Range(0, EachWrites).Select(i => $"{writer}:{i}"));
        foreach (var client in clients)
        {
            await ReceivedAsync(client);
            client.WrittenTexts.Should().Equal(all);
        }

        Task ReceivedAsync(RecordingClient client) => Waiting.Until(
            () => client.Writes >= Writers * EachWrites,
            () => $"client {clients.IndexOf(client)} of {clients.Count} has {client.Writes} of {Writers * EachWrites}");
    }

    [Fact]
    public async Task Join_AgainAndAgainWhileTwoServersWrite_NothingIsMissedAndNothingComesTwice()
    {
        const int EachWrites = 500;
        var store = new SharedStore(new MemoryHistoryStore(TimeProvider.System));
        var options = new HistoryOptions { Count = 10_000, Stamp = WithPosition };
        var (here, there) = (new FakeMembers(), new FakeMembers());
        var (one, other) = (New(options, store, here), New(options, store, there));
        here.Others.Add(other);
        there.Others.Add(one);
        var writing = new[] { one, other, one, other, one, other, one, other }.Select((history, writer) => Background.Run(() =>
        {
            for (var i = 0; i < EachWrites; i++)
                history.Write([], PreparedMessage.Text($"{writer}:{i}"));
        })).ToList();
        var stays = new RecordingClient();
        await one.JoinAsync(stays, null, default).InTime();

        // One client that wanders between the servers, each time with the last position it has.
        var wandered = new List<string>();
        for (var turn = 0; wandered.Count < 8 * EachWrites; turn++)
        {
            var client = new RecordingClient();
            var position = wandered.Count == 0 ? null : Position(wandered[^1]);
            var result = await (turn % 2 == 0 ? one : other).JoinAsync(client, position, default).InTime();
            result.Status.Should().Be(HistoryStatus.Complete);
            await Task.Yield();
            (turn % 2 == 0 ? here : there).Leave(client);
            wandered.AddRange(client.WrittenTexts);
        }

        await Task.WhenAll(writing).InTime();
        await Waiting.Until(() => stays.WrittenTexts.Count == 8 * EachWrites);
        wandered.Should().Equal(stays.WrittenTexts).And.OnlyHaveUniqueItems();
    }

    [Fact]
    public async Task Arrived_OneIsLostOnTheWay_ItIsReadFromTheHistory()
    {
        var store = new SharedStore(new MemoryHistoryStore(TimeProvider.System));
        var (here, there) = (new FakeMembers(), new FakeMembers());
        var (one, other) = (New(new HistoryOptions(), store, here), New(new HistoryOptions(), store, there));
        var published = new List<(PreparedMessage Message, HistoryEntry? Entry)>();
        here.OnPublish = (message, entry) => published.Add((message, entry));
        var client = new RecordingClient();
        await other.JoinAsync(client, null, default).InTime();
        for (var i = 1; i <= 3; i++)
            one.Write([], PreparedMessage.Text($"{i}"));
        await Waiting.Until(() => published.Count == 3);

        other.Arrived([], published[0].Message, published[0].Entry);
        other.Arrived([], published[2].Message, published[2].Entry);
        other.Arrived([], published[1].Message, published[1].Entry);

        await Waiting.Until(() => client.WrittenTexts.Count >= 3);
        client.WrittenTexts.Should().Equal("1", "2", "3");
    }

    [Fact]
    public async Task Store_IsAway_MessagesGoOnAndWhoComesBackIsToldOfTheGap()
    {
        var store = new SharedStore(new MemoryHistoryStore(_clock));
        var history = New(new HistoryOptions { Stamp = WithPosition }, store, _members);
        var client = new RecordingClient();
        await history.JoinAsync(client, null, default).InTime();
        history.Write([], PreparedMessage.Text("before"));
        await Waiting.Until(() => client.WrittenTexts.Count == 1);
        var position = Position(client.WrittenTexts[0]);

        store.IsAway = true;
        history.Write([], PreparedMessage.Text("meanwhile"));
        await Waiting.Until(() => client.WrittenTexts.Count == 2);
        store.IsAway = false;
        _clock.Advance(TimeSpan.FromSeconds(2));
        history.Write([], PreparedMessage.Text("after"));
        await Waiting.Until(() => client.WrittenTexts.Count == 3);

        client.WrittenTexts[1].Should().Be("meanwhile", "it has no position");
        (await history.JoinAsync(new RecordingClient(), position, default).InTime()).Status.Should().Be(HistoryStatus.Gap);
        Position(client.WrittenTexts[2]).Split('.')[0].Should().NotBe(position.Split('.')[0]);
        _log.EventNames.Should().Contain("HistoryUnreachable");
    }

    [Fact]
    public async Task Store_AnswersTooSlowly_WhatIsTooMuchIsDroppedAndTheHistoryBeginsAnew()
    {
        var store = new SharedStore(new MemoryHistoryStore(_clock)) { Until = new TaskCompletionSource() };
        var history = New(new HistoryOptions { Count = 10, Stamp = WithPosition }, store, _members);

        for (var i = 0; i < HistoryTurns.Max + 2; i++)
            history.Write([], PreparedMessage.Text($"{i}"));

        _log.Named("HistoryTooMany").Should().ContainSingle().Which.Message.Should().Contain("room");
        store.Until.SetResult();
        var client = new RecordingClient();
        (await history.JoinAsync(client, null, default).InTime()).Status.Should().Be(HistoryStatus.Complete);
    }

    [Fact]
    public async Task Store_TakesTooLong_ItsTokenFires()
    {
        var store = new HangingStore();
        var client = new RecordingClient();
        _members.Join(client);
        New(new HistoryOptions(), store, _members).Write([], PreparedMessage.Text("1"));
        var asked = await store.Asked.Task.InTime();

        _clock.Advance(TimeSpan.FromSeconds(1));

        await Waiting.Until(() => client.Writes == 1);
        asked.IsCancellationRequested.Should().BeTrue("the store need not go on with what nobody waits for");
    }

    [Fact]
    public async Task Members_Throw_IsLoggedAndTheNextMessageGoes()
    {
        var client = new RecordingClient();
        await _history.JoinAsync(client, null, default).InTime();

        _members.OnPublish = (_, _) => throw new InvalidOperationException("A route of the application that fails.");
        Write("1");
        _members.OnPublish = null;
        Write("2");

        client.WrittenTexts.Select(Text).Should().Equal("1", "2");
        _log.EventNames.Should().Equal("HistoryFailed");
    }

    [Fact]
    public async Task Store_IsAwayAtAJoin_IsAGapAndWhatComesComes()
    {
        var store = new SharedStore(new MemoryHistoryStore(_clock)) { IsAway = true };
        var history = New(new HistoryOptions(), store, _members);
        var client = new RecordingClient();

        var result = await history.JoinAsync(client, "abc.1", default).InTime();
        history.Write([], PreparedMessage.Text("live"));

        result.Status.Should().Be(HistoryStatus.Gap);
        result.Position.Should().BeNull();
        await Waiting.Until(() => client.WrittenTexts.Count == 1);
    }

    [Fact]
    public async Task Stamp_Throws_TheMessageIsSentAsItWasWritten()
    {
        var history = New(new HistoryOptions { Stamp = (_, _) => throw new InvalidOperationException("broken") });
        var client = new RecordingClient();
        await history.JoinAsync(client, null, default).InTime();

        history.Write([], PreparedMessage.Text("plain"));

        client.WrittenTexts.Should().Equal("plain");
        _log.EventNames.Should().Equal("HistoryStampFailed");
    }

    [Fact]
    public async Task Write_Excluded_IsKeptAndNotSentToThem()
    {
        var (sender, other) = (new RecordingClient(), new RecordingClient());
        await _history.JoinAsync(sender, null, default).InTime();
        await _history.JoinAsync(other, null, default).InTime();

        _history.Write([sender.Id], PreparedMessage.Text("1")).Queued.Should().Be(1);

        sender.WrittenTexts.Should().BeEmpty();
        other.WrittenTexts.Should().ContainSingle();
    }

    [Theory]
    [InlineData(0, 60)]
    [InlineData(100_001, 60)]
    [InlineData(1, 0)]
    public void Options_OutOfRange_AreNamed(int count, int seconds)
    {
        var check = () => new HistoryOptions { Count = count, Age = TimeSpan.FromSeconds(seconds) }.Check();

        check.Should().Throw<ArgumentException>().WithMessage("*must be from*");
    }

    private sealed class HangingStore : IHistoryStore
    {
        public TaskCompletionSource<CancellationToken> Asked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async ValueTask<HistoryEntry> AppendAsync(string group, PreparedMessage message, HistoryOptions options, bool beginAnew, CancellationToken cancellationToken)
        {
            Asked.TrySetResult(cancellationToken);
            return await new TaskCompletionSource<HistoryEntry>().Task;
        }

        public ValueTask<HistoryRead> ReadAsync(string group, HistoryOffset after, HistoryOptions options, CancellationToken cancellationToken) =>
            throw new NotSupportedException();
    }

    [Fact]
    public async Task CatchUp_MessageOfAnotherServerWentByUnheard_MembersGetItOnce()
    {
        var store = new SharedStore(new MemoryHistoryStore(_clock));
        var (one, other) = (New(new HistoryOptions(), store, _members), New(new HistoryOptions(), store, new FakeMembers()));
        var client = new RecordingClient();
        await one.JoinAsync(client, null, default).InTime();
        await other.WriteAsync([], PreparedMessage.Text("1"), default).AsTask().InTime();

        one.CatchUp();
        await Waiting.Until(() => client.WrittenTexts.Count == 1);
        one.CatchUp();
        await one.WriteAsync([], PreparedMessage.Text("2"), default).AsTask().InTime();

        client.WrittenTexts.Should().Equal("1", "2");
    }

    [Fact]
    public async Task CatchUp_WhileTheFirstClientIsOnItsWay_ItMissesNothingAndGetsNothingTwice()
    {
        var store = new SharedStore(new MemoryHistoryStore(_clock)) { AnswersAfter = new TaskCompletionSource() };
        var answers = store.AnswersAfter;
        var (one, other) = (New(new HistoryOptions(), store, _members), New(new HistoryOptions(), store, new FakeMembers()));
        await other.WriteAsync([], PreparedMessage.Text("1"), default).AsTask().InTime();
        var client = new RecordingClient();
        var joining = one.JoinAsync(client, null, default).AsTask();
        await store.HasRead.Task.InTime();
        await other.WriteAsync([], PreparedMessage.Text("2"), default).AsTask().InTime();

        one.CatchUp();
        answers.SetResult();

        (await joining.InTime()).Status.Should().Be(HistoryStatus.Complete);
        await Waiting.Until(() => client.WrittenTexts.Count == 2);
        client.WrittenTexts.Should().Equal("1", "2");
    }

    private static PreparedMessage WithPosition(string position, PreparedMessage message) =>
        PreparedMessage.Text($"{position} {System.Text.Encoding.UTF8.GetString(message.Payload.Span)}");

    private static string Position(string text) => text.Split(' ')[0];

    private static string Text(string text) => text.Split(' ')[1];

    private GroupHistory New(HistoryOptions options) => new("room", options, new MemoryHistoryStore(_clock), isShared: false, _members, _clock, _log);

    private GroupHistory New(HistoryOptions options, IHistoryStore store, FakeMembers members) =>
        new("room", options, store, isShared: true, members, _clock, _log);

    private void Write(params string[] texts)
    {
        foreach (var text in texts)
            _history.Write([], PreparedMessage.Text(text));
    }
}
