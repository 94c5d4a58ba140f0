using System.Buffers.Binary;
using System.Net.WebSockets;
using System.Threading.Channels;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;
using WsPumps.Tests.CustomTypes;
using WsPumps.Tests.Peers;

namespace WsPumps.Tests.Endpoints;

public sealed class InboundRateTests
{
    private const byte Continuation = 0x0;

    [Fact]
    public async Task MessagesPerSecond_Passed_ConnectionIsClosedWith1008()
    {
        await using var host = await StartAsync(options => (options.MaxMessagesPerSecond, options.RateBurst) = (2, TimeSpan.FromSeconds(1)));
        var (peer, client) = await host.ConnectPairAsync();

        await ExchangeAsync(peer, 2);
        host.Clock.Advance(TimeSpan.FromSeconds(1));
        await ExchangeAsync(peer, 2);
        await peer.SendTextAsync("one too many");

        await ExpectLimitedAsync(peer, client);
        (await client.Completion).MessagesSent.Should().Be(4, "the last message reached no handler");
    }

    [Theory]
    [InlineData(Opcodes.Ping)]
    [InlineData(Opcodes.Pong)]
    [InlineData(Continuation)]
    public async Task MessagesPerSecond_PassedByFramesThatAreNoMessages_ConnectionIsClosedWith1008(byte opcode)
    {
        await using var host = await StartAsync(options => (options.MaxMessagesPerSecond, options.RateBurst) = (10, TimeSpan.FromSeconds(1)));
        using var peer = await host.ConnectRawAsync();
        var client = await host.Callbacks.NextRegisteredAsync();

        if (opcode == Continuation)
            await peer.SendAsync(Opcodes.Text, [], final: false);
        for (var i = 0; i < 20; i++)
            await peer.SendAsync(opcode, [], final: opcode != Continuation);

        while (await peer.ReceiveAsync() is { } frame)
        {
            if (frame.Opcode != Opcodes.Close)
                continue;
            BinaryPrimitives.ReadUInt16BigEndian(frame.Payload).Should().Be(1008);
            await peer.SendAsync(Opcodes.Close, []);
        }

        (await client.Completion.InTime()).Reason.Should().Be(DisconnectReason.RateLimited);
    }

    [Fact]
    public async Task BytesPerSecond_Passed_ConnectionIsClosedWith1008()
    {
        await using var host = await StartAsync(options => (options.MaxBytesPerSecond, options.RateBurst) = (1000, TimeSpan.FromSeconds(1)));
        var (peer, client) = await host.ConnectPairAsync();

        await peer.SendBinaryAsync(new byte[10_000]);
        (await peer.ReceiveAsync()).Payload.Should().HaveCount(10_000, "a message may be larger than what is left");
        host.Clock.Advance(TimeSpan.FromSeconds(8));
        await peer.SendBinaryAsync(new byte[1]);

        await ExpectLimitedAsync(peer, client);
    }

    [Fact]
    public async Task MessagesPerSecond_Throttle_MessagesComeLaterAndInOrder()
    {
        await using var host = await StartAsync(options =>
            (options.MaxMessagesPerSecond, options.RateBurst, options.FastClientPolicy) = (1, TimeSpan.FromSeconds(1), FastClientPolicy.Throttle));
        var (peer, _) = await host.ConnectPairAsync();

        for (var i = 0; i < 10; i++)
            await peer.SendTextAsync($"{i}");
        var received = Task.Run(async () =>
        {
            var texts = new List<string>();
            for (var i = 0; i < 10; i++)
                texts.Add(await peer.ReceiveTextAsync());
            return texts;
        });
        var waited = await host.Clock.AdvanceUntilAsync(received);

        (await received).Should().Equal(Enumerable.Range(0, 10).Select(i => $"{i}"));
        waited.Should().BeGreaterThanOrEqualTo(TimeSpan.FromSeconds(9));
    }

    [Fact]
    public async Task Throttle_LongerThanThePongTimeout_PeerIsNotTakenForSilent()
    {
        await using var host = await StartAsync(options =>
        {
            (options.MaxBytesPerSecond, options.RateBurst, options.FastClientPolicy) = (1, TimeSpan.FromSeconds(1), FastClientPolicy.Throttle);
            (options.PingInterval, options.PongTimeout) = (TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5));
        });
        using var witness = await host.ConnectRawAsync();
        var pongs = Channel.CreateUnbounded<TimeSpan>();
        (await host.Callbacks.NextRegisteredAsync()).Events.PongReceived += pong => pongs.Writer.TryWrite(pong.RoundTripTime);
        var (peer, _) = await host.ConnectPairAsync();
        await peer.SendBinaryAsync(new byte[9]);
        (await peer.ReceiveAsync()).Payload.Should().HaveCount(9);
        var timers = host.Clock.ActiveTimers;
        await peer.SendTextAsync("waits for nine seconds");
        await host.Clock.UntilTimersAsync(timers + 1);

        // Its pongs are not read all this time. Another connection shows that the heartbeat has come by.
        for (var second = 0; second < 10; second += 2)
        {
            host.Clock.Advance(TimeSpan.FromSeconds(2));
            var ping = (await witness.ReceiveAsync())!.Value;
            await witness.SendAsync(Opcodes.Pong, ping.Payload);
            await pongs.Reader.ReadAsync().InTime();
        }

        (await peer.ReceiveTextAsync()).Should().Be("waits for nine seconds");
    }

    [Fact]
    public async Task Throttle_ClosedWhileAMessageWaits_EndsAtOnce()
    {
        await using var host = await StartAsync(options =>
            (options.MaxMessagesPerSecond, options.RateBurst, options.FastClientPolicy) = (1, TimeSpan.FromSeconds(1), FastClientPolicy.Throttle));
        var (peer, client) = await host.ConnectPairAsync();
        await ExchangeAsync(peer, 1);
        var timers = host.Clock.ActiveTimers;
        await peer.SendTextAsync("waits");
        await host.Clock.UntilTimersAsync(timers + 1);

        await client.CloseAsync().InTime();
        (await peer.ReceiveEndAsync()).Should().Be(WebSocketCloseStatus.NormalClosure);
        await peer.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None).InTime();

        (await client.Completion.InTime()).Reason.Should().Be(DisconnectReason.LocalClosed);
    }

    [Fact]
    public async Task MessageLimiter_OneForSeveralConnections_IsShared()
    {
        await using var limiter = PartitionedRateLimiter.Create<HttpContext, string>(http => RateLimitPartition.GetTokenBucketLimiter(
            $"{http.Request.Query["user"]}",
            _ => new TokenBucketRateLimiterOptions { TokenLimit = 3, TokensPerPeriod = 1, ReplenishmentPeriod = TimeSpan.FromDays(1), AutoReplenishment = false }));
        await using var host = await PumpsHost.StartAsync(endpoint =>
        {
            endpoint.MessageLimiter = limiter;
            Echo.Endpoint(endpoint);
        });
        var (first, second, other) = (await host.ConnectAsync("/?user=ada"), await host.ConnectAsync("/?user=ada"), await host.ConnectAsync("/?user=grace"));

        await ExchangeAsync(first, 2);
        await ExchangeAsync(second, 1);
        await second.SendTextAsync("one too many for both");

        (await second.ReceiveEndAsync()).Should().Be(WebSocketCloseStatus.PolicyViolation);
        await ExchangeAsync(other, 3);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ByteLimiter_WithAQueue_TheMessageWaitsForTheAnswer(bool allowed)
    {
        await using var manual = new ManualLimiter();
        await using var host = await StartAsync(manual);
        var (peer, client) = await host.ConnectPairAsync();

        await peer.SendTextAsync("12345");
        var (permits, answer) = await manual.NextAsync();
        permits.Should().Be(5);
        answer.SetResult(allowed);

        if (allowed)
            (await peer.ReceiveTextAsync()).Should().Be("12345");
        else
            await ExpectLimitedAsync(peer, client);
    }

    [Fact]
    public async Task ByteLimiter_ClosedWhileAMessageWaits_EndsAtOnce()
    {
        await using var manual = new ManualLimiter();
        await using var host = await StartAsync(manual);
        var (peer, client) = await host.ConnectPairAsync();
        await peer.SendTextAsync("12345");
        await manual.NextAsync();

        await client.CloseAsync().InTime();
        await peer.ReceiveEndAsync();
        await peer.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None).InTime();

        (await client.Completion.InTime()).Reason.Should().Be(DisconnectReason.LocalClosed);
    }

    [Fact]
    public async Task ByteLimiter_MessageLargerThanItEverAllows_ConnectionIsClosedAndItIsLogged()
    {
        await using var limiter = PartitionedRateLimiter.Create<HttpContext, string>(_ =>
            RateLimitPartition.GetConcurrencyLimiter("all", _ => new ConcurrencyLimiterOptions { PermitLimit = 10 }));
        await using var host = await PumpsHost.StartAsync(endpoint =>
        {
            endpoint.ByteLimiter = limiter;
            Echo.Endpoint(endpoint);
        });
        var (peer, client) = await host.ConnectPairAsync();
        await ExchangeAsync(peer, 5);

        await peer.SendBinaryAsync(new byte[11]);

        await ExpectLimitedAsync(peer, client);
        (await host.Logs.FirstAsync("LimiterFailed")).Message.Should().Contain("11 permits");
    }

    private static Task<PumpsHost> StartAsync(Action<WebSocketPumpsEndpointOptions> configure) => PumpsHost.StartAsync(endpoint =>
    {
        configure(endpoint.Options);
        Echo.Endpoint(endpoint);
    });

    private static Task<PumpsHost> StartAsync(ManualLimiter manual) => PumpsHost.StartAsync(endpoint =>
    {
        endpoint.ByteLimiter = PartitionedRateLimiter.Create<HttpContext, int>(_ => RateLimitPartition.Get(0, _ => manual));
        Echo.Endpoint(endpoint);
    });

    private static async Task ExchangeAsync(ClientWebSocket peer, int messages)
    {
        for (var i = 0; i < messages; i++)
            await peer.SendTextAsync($"{i}");
        for (var i = 0; i < messages; i++)
            (await peer.ReceiveTextAsync()).Should().Be($"{i}");
    }

    private static async Task ExpectLimitedAsync(ClientWebSocket peer, IClient client)
    {
        (await peer.ReceiveEndAsync()).Should().Be(WebSocketCloseStatus.PolicyViolation);
        await peer.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None).InTime();
        (await client.Completion.InTime()).Reason.Should().Be(DisconnectReason.RateLimited);
    }
}
