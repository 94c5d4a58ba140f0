using WsPumps.Reconnecting.Tests.Network;

namespace WsPumps.Reconnecting.Tests;

/// <summary>What becomes of messages that are written.</summary>
public sealed class WriteTests
{
    private readonly FakeNetwork _network = new();

    [Fact]
    public async Task Write_Connected_IsSent()
    {
        var (client, peer) = await _network.ConnectAsync();

        (await client.WriteAsync(PreparedMessage.Text("hello")).InTime()).Should().Be(SendResult.Sent);

        (await peer.ReceiveAsync()).Should().Be("hello");
    }

    [Fact]
    public async Task Write_NothingElseToSend_HasLeftWhenTheCallReturns()
    {
        var (client, peer) = await _network.ConnectAsync();
        using var limit = new CancellationTokenSource(Limit.Time);
        var written = 0;
        // The first ones may find the connection at its beginning, or the one before them not told yet.
        for (var inARow = 0; inARow < 100;)
        {
            limit.Token.ThrowIfCancellationRequested();
            var write = client.WriteAsync(PreparedMessage.Text($"{written++}")).AsTask();
            inARow = write.IsCompletedSuccessfully ? inARow + 1 : 0;
            (await write.InTime()).Should().Be(SendResult.Sent);
        }

        (await peer.ReceiveAsync(written)).Should().Equal(Enumerable.Range(0, written).Select(i => $"{i}"));
    }

    [Fact]
    public async Task Write_FromTheHandler_HasLeftBeforeTheHandlerReturns()
    {
        var answered = new TaskCompletionSource<SendResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        ReconnectingClient? own = null;
        var (client, peer) = await _network.ConnectAsync(options => options.OnMessage = async (message, cancellationToken) =>
            answered.TrySetResult(await own!.WriteAsync(message, cancellationToken)));
        own = client;
        await peer.SendAsync("to be answered");

        (await peer.ReceiveAsync()).Should().Be("to be answered");

        (await answered.Task.InTime()).Should().Be(SendResult.Sent);
    }

    [Fact]
    public async Task Write_ManyThreadsAtOnce_EachKeepsItsOrder()
    {
        const int threads = 4, each = 2000;
        var (client, peer) = await _network.ConnectAsync(options => options.MaxQueuedMessages = threads * each);
        var receiving = peer.ReceiveAsync(threads * each);

        var writers = Enumerable.Range(0, threads).Select(thread => Task.Run(async () =>
        {
            for (var i = 0; i < each; i++)
                (await client.WriteAsync(PreparedMessage.Text($"{thread} {i}")).InTime()).Should().Be(SendResult.Sent);
        }));
        await Task.WhenAll(writers).InTime();

        var received = (await receiving.InTime()).ToLookup(text => text[0], text => text[2..]);
        received.Should().HaveCount(threads).And.OnlyContain(own => own.SequenceEqual(Enumerable.Range(0, each).Select(i => $"{i}")));
        client.Statistics.Should().BeEquivalentTo(new { MessagesSent = threads * each, QueuedMessages = 0, QueuedBytes = 0 });
    }

    [Fact]
    public async Task Write_ConnectionCutAgainAndAgainMeanwhile_EachIsSettledOnce()
    {
        const int threads = 3;
        var (client, peer) = await _network.ConnectAsync(options =>
        {
            options.TimeToLive = TimeSpan.FromHours(12);
            (options.FirstDelay, options.MaxDelay) = (TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(1));
        });
        var results = new System.Collections.Concurrent.ConcurrentBag<SendResult>();
        var isOver = false;
        var writers = Enumerable.Range(0, threads).Select(_ => Task.Run(async () =>
        {
            while (!Volatile.Read(ref isOver))
                results.Add(await client.WriteAsync(PreparedMessage.Text("x")).InTime());
        })).ToList();

        for (var i = 0; i < 50; i++)
        {
            await peer.ReceiveAsync(20);
            peer.Cut();
            peer = (await _network.NextWheneverAsync()).Accept();
        }

        Volatile.Write(ref isOver, true);
        await Task.WhenAll(writers).InTime();
        results.Should().OnlyContain(result => result == SendResult.Sent || result == SendResult.Unknown);
        client.Statistics.Should().BeEquivalentTo(new
        {
            MessagesSent = results.Count(result => result is SendResult.Sent),
            MessagesUnknown = results.Count(result => result is SendResult.Unknown),
            QueuedMessages = 0,
            QueuedBytes = 0,
        });
    }

    [Fact]
    public async Task Write_WithoutAConnection_LeavesInOrderWhenThereIsOne()
    {
        var client = _network.CreateClient();
        var early = client.WriteAsync(PreparedMessage.Text("before the start")).AsTask();
        _ = client.StartAsync();
        (await _network.NextAsync()).Fail();
        var late = client.WriteAsync(PreparedMessage.Text("during the wait")).AsTask();

        var peer = await _network.AcceptAfterAsync();

        (await peer.ReceiveAsync(2)).Should().Equal("before the start", "during the wait");
        (await Task.WhenAll(early, late).InTime()).Should().AllBeEquivalentTo(SendResult.Sent);
    }

    [Fact]
    public async Task Write_ManyAtOnce_KeepTheirOrder()
    {
        var (client, peer) = await _network.ConnectAsync(options => options.MaxQueuedMessages = 10_000);

        var writes = Enumerable.Range(0, 5000).Select(i => client.WriteAsync(PreparedMessage.Text($"{i}")).AsTask()).ToList();

        (await peer.ReceiveAsync(5000)).Should().Equal(Enumerable.Range(0, 5000).Select(i => $"{i}"));
        (await Task.WhenAll(writes).InTime()).Should().AllBeEquivalentTo(SendResult.Sent);
        client.Statistics.Should().BeEquivalentTo(new { MessagesSent = 5000, QueuedMessages = 0, QueuedBytes = 0 });
    }

    [Fact]
    public async Task Write_BorrowedPayload_IsCopied()
    {
        var client = _network.CreateClient();
        var payload = "borrowed"u8.ToArray();
        _ = client.WriteAsync(Message.Text(payload)).AsTask();
        payload.AsSpan().Fill((byte)'x');

        _ = client.StartAsync();

        (await (await _network.AcceptAsync()).ReceiveAsync()).Should().Be("borrowed");
    }

    [Fact]
    public async Task Write_NoConnectionInTime_Expires()
    {
        var client = _network.CreateClient(options => options.TimeToLive = TimeSpan.FromSeconds(20));
        _ = client.StartAsync();
        await _network.NextAsync();
        var first = client.WriteAsync(PreparedMessage.Text("first")).AsTask();
        _network.Clock.Advance(TimeSpan.FromSeconds(10));
        var second = client.WriteAsync(PreparedMessage.Text("second")).AsTask();
        var brief = client.WriteAsync(PreparedMessage.Text("brief").With(new MessageOptions { TimeToLive = TimeSpan.FromSeconds(1) })).AsTask();

        _network.Clock.Advance(TimeSpan.FromSeconds(1));
        (await brief.InTime()).Should().Be(SendResult.Expired);
        first.IsCompleted.Should().BeFalse();
        _network.Clock.Advance(TimeSpan.FromSeconds(9));
        (await first.InTime()).Should().Be(SendResult.Expired);
        second.IsCompleted.Should().BeFalse();
        _network.Clock.Advance(TimeSpan.FromSeconds(10));

        (await second.InTime()).Should().Be(SendResult.Expired);
        client.Statistics.Should().BeEquivalentTo(new { MessagesExpired = 3, QueuedMessages = 0, QueuedBytes = 0 });
    }

    [Fact]
    public async Task Write_ExpiredWhileAway_DoesNotReachTheNextConnection()
    {
        var (client, peer) = await _network.ConnectAsync(options => options.TimeToLive = TimeSpan.FromMilliseconds(400));
        peer.Cut();
        await FakeNetwork.UntilAsync(() => client.State is ReconnectingClientState.Waiting);
        var old = client.WriteAsync(PreparedMessage.Text("old")).AsTask();
        peer = await _network.AcceptAfterAsync();

        (await old.InTime()).Should().Be(SendResult.Expired);
        await client.WriteAsync(PreparedMessage.Text("new")).InTime();

        (await peer.ReceiveAsync()).Should().Be("new");
    }

    [Fact]
    public async Task Write_QueueFull_IsNotAccepted()
    {
        var client = _network.CreateClient(options => (options.MaxQueuedMessages, options.MaxQueuedBytes) = (3, 100));
        var bytes = new byte[60];
        _ = client.WriteAsync(Message.Binary(bytes)).AsTask();

        (await client.WriteAsync(Message.Binary(bytes)).InTime()).Should().Be(SendResult.Full, "of its bytes");
        _ = client.WriteAsync(PreparedMessage.Text("2")).AsTask();
        _ = client.WriteAsync(PreparedMessage.Text("3")).AsTask();
        (await client.WriteAsync(PreparedMessage.Text("4")).InTime()).Should().Be(SendResult.Full, "of its messages");

        client.Statistics.Should().BeEquivalentTo(new { QueuedMessages = 3, QueuedBytes = 62, MessagesRefused = 2 });
    }

    [Fact]
    public async Task Write_LargerThanTheBound_Throws()
    {
        var client = _network.CreateClient(options => options.MaxQueuedBytes = 100);

        await client.Awaiting(c => c.WriteAsync(Message.Binary(new byte[101])).AsTask()).Should().ThrowAsync<ArgumentException>().WithMessage("*101 bytes can never be sent: the limit is 100 bytes*");
    }

    [Fact]
    public async Task Write_CanceledWhileItWaits_IsWithdrawn()
    {
        var client = _network.CreateClient();
        using var impatient = new CancellationTokenSource();
        var withdrawn = client.WriteAsync(PreparedMessage.Text("withdrawn"), impatient.Token).AsTask();
        _ = client.WriteAsync(PreparedMessage.Text("kept")).AsTask();

        await impatient.CancelAsync();

        await withdrawn.Awaiting(task => task).Should().ThrowAsync<OperationCanceledException>();
        _ = client.StartAsync();
        (await (await _network.AcceptAsync()).ReceiveAsync()).Should().Be("kept");
        client.Statistics.MessagesCanceled.Should().Be(1);
    }

    [Fact]
    public async Task Write_ConnectionLostBeforeItHadLeft_IsUnknownAndNotSentAgain()
    {
        var client = _network.CreateClient(options =>
        {
            options.TimeToLive = TimeSpan.FromHours(12);
            options.Connection.WriteTimeout = TimeSpan.FromSeconds(2);
        });
        var writes = Enumerable.Range(0, 100).Select(i => client.WriteAsync(Message.Binary(new byte[1000 + i])).AsTask()).ToList();
        _ = client.StartAsync();
        // There is room for the first messages only, and nobody reads.
        using var stalled = (await _network.NextAsync()).Accept(room: 4096);

        await _network.Clock.AdvanceUntil(writes[20], TimeSpan.FromMilliseconds(250));
        using var peer = (await _network.NextWheneverAsync()).Accept();
        await client.WriteAsync(PreparedMessage.Text("end")).InTime();

        var results = await Task.WhenAll(writes).InTime();
        var sent = results.TakeWhile(result => result is SendResult.Sent).Count();
        var unknown = results.Skip(sent).TakeWhile(result => result is SendResult.Unknown).Count();
        results.Skip(sent + unknown).Should().AllBeEquivalentTo(SendResult.Sent, "they had not been handed over yet, and went to the next connection");
        unknown.Should().BePositive();
        var received = await peer.ReceiveAsync(results.Length - sent - unknown + 1);
        received.Select(text => text.Length).Should().Equal([.. Enumerable.Range(sent + unknown, results.Length - sent - unknown).Select(i => 1000 + i), 3]);
    }

    [Fact]
    public async Task Connected_WritesOfTheCallback_LeaveAheadOfWhatWaits()
    {
        var reconnects = new List<bool>();
        var client = _network.CreateClient(options => options.Connected = async context =>
        {
            reconnects.Add(context.IsReconnect);
            await Task.Yield();
            (await context.WriteAsync(PreparedMessage.Text("subscribe"))).Should().Be(WriteResult.Queued);
        });
        _ = client.WriteAsync(PreparedMessage.Text("waited")).AsTask();
        _ = client.StartAsync();
        var peer = await _network.AcceptAsync();

        (await peer.ReceiveAsync(2)).Should().Equal("subscribe", "waited");
        peer.Cut();
        peer = await _network.AcceptAfterAsync();
        (await peer.ReceiveAsync()).Should().Be("subscribe");

        reconnects.Should().Equal(false, true);
    }

    [Fact]
    public async Task Connected_CallbackThrows_ConnectionIsGivenUpAndAnotherFollows()
    {
        var calls = 0;
        var (client, first) = await _network.ConnectAsync(options => options.Connected = _ => ++calls == 1 ? throw new InvalidOperationException("no luck") : ValueTask.CompletedTask);

        (await first.ReceiveAsync()).Should().BeNull();
        using var second = await _network.AcceptAfterAsync();

        (await client.WriteAsync(PreparedMessage.Text("hello")).InTime()).Should().Be(SendResult.Sent);
        (await second.ReceiveAsync()).Should().Be("hello");
    }

    [Fact]
    public async Task Connected_ContextUsedLater_Throws()
    {
        ConnectedContext? kept = null;
        var (client, _) = await _network.ConnectAsync(options => options.Connected = context =>
        {
            kept = context;
            return default;
        });
        await client.WriteAsync(PreparedMessage.Text("the callback has returned")).InTime();

        await kept!.Awaiting(context => context.WriteAsync(PreparedMessage.Text("x")).AsTask()).Should().ThrowAsync<InvalidOperationException>().WithMessage("*valid until its task ends*");
    }
}
