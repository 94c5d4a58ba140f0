namespace WsPumps.Core.Tests.Outbound;

public class SlowClientPolicyTests
{
    private static readonly string[] OneToFive = ["1", "2", "3", "4", "5"];

    private static WriteResult[] Write(QueueOnly queue, params string[] texts) => [.. texts.Select(text => queue.Client.Write(text))];

    private static PreparedMessage Keyed(string text, string key) => PreparedMessage.Text(text).With(new MessageOptions { ConflationKey = key });

    private static Action<ClientOptions> Room(int messages, SlowClientPolicy policy, long? bytes = null) => options =>
    {
        options.MaxQueuedMessages = messages;
        options.SlowClientPolicy = policy;
        options.MaxQueuedBytes = bytes;
        options.MaxMessageSize = (int)(bytes ?? 1024);
    };

    [Fact]
    public void Disconnect_QueueFull_RefusesAndCloses()
    {
        using var queue = new QueueOnly(Room(3, SlowClientPolicy.Disconnect));

        Write(queue, OneToFive).Should().Equal(WriteResult.Queued, WriteResult.Queued, WriteResult.Queued, WriteResult.Dropped, WriteResult.Closed);
        queue.Client.Statistics.QueuedMessages.Should().Be(0);
        queue.Dropped.Should().BeEmpty("the record of the connection tells what was not sent");
    }

    [Fact]
    public async Task DropNewest_QueueFull_KeepsTheFirst()
    {
        using var queue = new QueueOnly(Room(3, SlowClientPolicy.DropNewest));

        Write(queue, OneToFive).Should().Equal(WriteResult.Queued, WriteResult.Queued, WriteResult.Queued, WriteResult.Dropped, WriteResult.Dropped);
        (await queue.DrainAsync()).Should().Equal("1", "2", "3");
        queue.Dropped.Should().Equal(("4", DropReason.QueueFull), ("5", DropReason.QueueFull));
        queue.Client.Statistics.MessagesDropped.Should().Be(2);
    }

    [Fact]
    public async Task DropOldest_QueueFull_KeepsTheLast()
    {
        using var queue = new QueueOnly(Room(3, SlowClientPolicy.DropOldest));

        Write(queue, OneToFive).Should().AllBeEquivalentTo(WriteResult.Queued);
        (await queue.DrainAsync()).Should().Equal("3", "4", "5");
        queue.Dropped.Should().Equal(("1", DropReason.Evicted), ("2", DropReason.Evicted));
    }

    [Fact]
    public async Task DropOldest_BytesFull_DropsAsManyAsAreNeeded()
    {
        using var queue = new QueueOnly(Room(100, SlowClientPolicy.DropOldest, bytes: 10));

        Write(queue, "aaa", "bbb", "ccc", "12345678").Should().AllBeEquivalentTo(WriteResult.Queued);
        queue.Client.Statistics.QueuedBytes.Should().Be(8);
        (await queue.DrainAsync()).Should().Equal("12345678");
        queue.Dropped.Select(drop => drop.Text).Should().Equal("aaa", "bbb", "ccc");
    }

    [Fact]
    public async Task AnyPolicy_LargerThanTheWholeQueue_IsTooLargeAndDropsNothing()
    {
        foreach (var policy in Enum.GetValues<SlowClientPolicy>())
        {
            using var queue = new QueueOnly(Room(100, policy, bytes: 10));
            queue.Client.Write("small");

            queue.Client.Write("12345678901").Should().Be(WriteResult.TooLarge);
            (await queue.DrainAsync()).Should().Equal("small");
            queue.Dropped.Should().BeEmpty();
        }
    }

    [Fact]
    public async Task Conflate_SameKeyQueued_TakesItsPlaceWithTheNewestValue()
    {
        using var queue = new QueueOnly(Room(100, SlowClientPolicy.Conflate));

        queue.Client.Write(Keyed("A1", "A"));
        queue.Client.Write(Keyed("B1", "B"));
        queue.Client.Write("no key");
        queue.Client.Write(Keyed("A2", "A"));
        queue.Client.Write(Keyed("A3", "A"));

        queue.Client.Statistics.QueuedMessages.Should().Be(3);
        (await queue.DrainAsync()).Should().Equal("A3", "B1", "no key");
        queue.Dropped.Should().Equal(("A1", DropReason.Replaced), ("A2", DropReason.Replaced));
    }

    [Fact]
    public async Task Conflate_MoreKeysThanFit_RefusesTheNewKeyAndKeepsTheNewestValuesOfTheOthers()
    {
        var logger = new LogRecorder();
        using var queue = new QueueOnly(Room(2, SlowClientPolicy.Conflate), logger: logger);

        WriteResult[] results = [.. new[] { ("A1", "A"), ("B1", "B"), ("C1", "C"), ("B2", "B"), ("C2", "C"), ("A2", "A") }.Select(value => queue.Client.Write(Keyed(value.Item1, value.Item2)))];

        results.Should().Equal(WriteResult.Queued, WriteResult.Queued, WriteResult.Dropped, WriteResult.Queued, WriteResult.Dropped, WriteResult.Queued);
        (await queue.DrainAsync()).Should().Equal("A2", "B2");
        queue.Dropped.Should().Equal(
            ("C1", DropReason.QueueFull), ("B1", DropReason.Replaced), ("C2", DropReason.QueueFull), ("A1", DropReason.Replaced));
        logger.EventNames.Should().ContainSingle().Which.Should().Be("TooManyKeys");
    }

    [Fact]
    public async Task Conflate_QueueFull_MessagesWithoutAKeyGiveWayToNewestValues()
    {
        using var queue = new QueueOnly(Room(3, SlowClientPolicy.Conflate));

        queue.Client.Write("1");
        queue.Client.Write(Keyed("A1", "A"));
        queue.Client.Write("2");
        queue.Client.Write("3");
        queue.Client.Write(Keyed("B1", "B"));
        queue.Client.Write(Keyed("A2", "A"));

        (await queue.DrainAsync()).Should().Equal("A2", "3", "B1");
        queue.Dropped.Select(drop => drop.Text).Should().Equal("1", "2", "A1");
    }

    [Fact]
    public async Task Conflate_NewValueDoesNotFit_IsRefusedAndTheOthersStay()
    {
        using var queue = new QueueOnly(Room(100, SlowClientPolicy.Conflate, bytes: 10));

        queue.Client.Write(Keyed("aaa", "A"));
        queue.Client.Write(Keyed("bbb", "B"));
        queue.Client.Write(Keyed("12345678", "B")).Should().Be(WriteResult.Dropped);
        queue.Client.Write(Keyed("123", "B")).Should().Be(WriteResult.Queued);

        (await queue.DrainAsync()).Should().Equal("aaa", "123");
    }

    /// <summary>What the documentation says: however full the queue is, the newest value of each key gets there, as long as all keys fit together.</summary>
    [Fact]
    public async Task Conflate_AsManyKeysAsFitAndAFloodOfOthers_LosesNoNewestValue()
    {
        using var queue = new QueueOnly(Room(64, SlowClientPolicy.Conflate));
        for (var round = 0; round < 10; round++)
        {
            for (var key = 0; key < 64; key++)
            {
                queue.Client.Write(Keyed($"{key}: {round}", $"{key}")).Should().Be(WriteResult.Queued);
                queue.Client.Write($"{round}");
            }
        }

        (await queue.DrainAsync()).Should().BeEquivalentTo(Enumerable.Range(0, 64).Select(key => $"{key}: 9"));
    }

    [Fact]
    public async Task Conflate_KeyWrittenBefore_IsANewMessageAgain()
    {
        using var queue = new QueueOnly(Room(100, SlowClientPolicy.Conflate));
        queue.Client.Write(Keyed("A1", "A"));
        await queue.DrainAsync();

        queue.Client.Write(Keyed("A2", "A"));
        await queue.Client.WaitForDrainAsync().InTime();

        queue.Client.Statistics.MessagesSent.Should().Be(2);
        queue.Dropped.Should().BeEmpty();
    }

    [Fact]
    public async Task KeyOnTheMessage_OtherPolicy_IsNotConflated()
    {
        using var queue = new QueueOnly(Room(100, SlowClientPolicy.Disconnect));

        queue.Client.Write(Keyed("A1", "A"));
        queue.Client.Write(Keyed("A2", "A"));

        (await queue.DrainAsync()).Should().Equal("A1", "A2");
    }

    [Fact]
    public async Task PolicyOfTheMessage_IsStrongerThanTheClients()
    {
        using var queue = new QueueOnly(Room(2, SlowClientPolicy.Disconnect));
        var expendable = PreparedMessage.Text("expendable").With(new MessageOptions { SlowClientPolicy = SlowClientPolicy.DropNewest });
        var urgent = PreparedMessage.Text("urgent").With(new MessageOptions { SlowClientPolicy = SlowClientPolicy.DropOldest });

        Write(queue, "1", "2");
        queue.Client.Write(expendable).Should().Be(WriteResult.Dropped);
        queue.Client.Write(urgent).Should().Be(WriteResult.Queued);

        (await queue.DrainAsync()).Should().Equal("2", "urgent");
    }

    [Fact]
    public async Task WriteAsync_AnyPolicy_WaitsAndDropsNothing()
    {
        using var queue = new QueueOnly(Room(2, SlowClientPolicy.DropOldest));
        Write(queue, "1", "2");

        var waiting = queue.Client.WriteAsync("3").AsTask();
        waiting.IsCompleted.Should().BeFalse();
        var wire = await queue.DrainAsync();

        (await waiting.InTime()).Should().Be(WriteResult.Queued);
        wire.Should().Equal("1", "2", "3");
        queue.Dropped.Should().BeEmpty();
    }

    /// <summary>A producer that streams to the client with WriteAsync must not cost it its connection when a broadcast comes.</summary>
    [Fact]
    public void Write_OthersWaitForRoom_FindsRoomAndDisconnectsNobody()
    {
        using var queue = new QueueOnly(Room(8, SlowClientPolicy.Disconnect));
        var waiting = Enumerable.Range(0, 10).Select(i => queue.Client.WriteAsync($"{i}").AsTask()).ToArray();
        waiting.Count(write => !write.IsCompleted).Should().Be(4);

        queue.Client.Write("broadcast").Should().Be(WriteResult.Queued);
        queue.Client.Statistics.WaitingMessages.Should().Be(4);
    }

    [Fact]
    public async Task WriteAsync_FarTooManyWait_DisconnectsTheClientThatIsTooSlow()
    {
        using var queue = new QueueOnly(Room(8, SlowClientPolicy.Disconnect));
        var waiting = Enumerable.Range(0, 6 + 256).Select(i => queue.Client.WriteAsync($"{i}").AsTask()).ToArray();

        (await queue.Client.WriteAsync("one more").InTime()).Should().Be(WriteResult.Dropped);
        (await Task.WhenAll(waiting).InTime()).Should().Contain(WriteResult.Closed);
        queue.Client.Write("x").Should().Be(WriteResult.Closed);
    }

    [Fact]
    public async Task MessageDropped_KeptAndSentElsewhere_KeepsItsContent()
    {
        using var queue = new QueueOnly(Room(1, SlowClientPolicy.DropOldest));
        using var other = new QueueOnly();
        PreparedMessage? kept = null;
        queue.Client.Events.MessageDropped += dropped => kept ??= dropped.Message;

        // Plain messages live in reused memory; what an event hands out must not.
        queue.Client.Write(Message.Text("old"u8.ToArray()));
        queue.Client.Write(Message.Text("new"u8.ToArray()));
        other.Client.Write(kept!);
        other.Client.Write(kept!);
        for (var i = 0; i < 100; i++)
            other.Client.Write(Message.Text("xyz"u8.ToArray()));

        (await other.DrainAsync()).Take(2).Should().Equal("old", "old");
        (await queue.DrainAsync()).Should().Equal("new");
    }

    [Fact]
    public async Task WriteAsync_WaiterBeforeItGivesUp_FitsAtOnce()
    {
        using var queue = new QueueOnly(Room(10, SlowClientPolicy.Disconnect, bytes: 10));
        Write(queue, "12345");
        using var cancelled = new CancellationTokenSource();
        var large = queue.Client.WriteAsync("12345", cancelled.Token).AsTask();
        var small = queue.Client.WriteAsync("1").AsTask();
        small.IsCompleted.Should().BeFalse();

        await cancelled.CancelAsync();

        (await small.InTime()).Should().Be(WriteResult.Queued);
        await FluentActions.Awaiting(() => large.InTime()).Should().ThrowAsync<OperationCanceledException>();
    }
}
