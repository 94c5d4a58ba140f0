using System.Net;
using System.Threading.Channels;
using WsPumps.Connecting;

namespace WsPumps.Reconnecting.Tests.Network;

/// <summary>A network in memory: each attempt to connect waits for what the test says to it.</summary>
internal sealed class FakeNetwork
{
    private readonly Channel<FakeAttempt> _attempts = Channel.CreateUnbounded<FakeAttempt>();
    private readonly Channel<ReconnectingEvent> _lost = Channel.CreateUnbounded<ReconnectingEvent>();
    private int _count;

    public int Attempts => Volatile.Read(ref _count);

    public ManualTimeProvider Clock { get; } = new();

    /// <summary>What chance brings.</summary>
    public double Random { get; set; } = 0.5;

    public ReconnectingClient CreateClient(Action<ReconnectingClientOptions>? configure = null)
    {
        var options = new ReconnectingClientOptions { TimeProvider = Clock };
        configure?.Invoke(options);
        var own = options.Reconnecting;
        options.Reconnecting = lost =>
        {
            _lost.Writer.TryWrite(lost);
            own?.Invoke(lost);
        };
        return new ReconnectingClient(new Uri("ws://server.test/"), options, ConnectAsync, () => Random);
    }

    /// <summary>A client that has been started, and the peer of its first connection.</summary>
    public async Task<(ReconnectingClient Client, FakePeer Peer)> ConnectAsync(Action<ReconnectingClientOptions>? configure = null)
    {
        var client = CreateClient(configure);
        var started = client.StartAsync();
        var peer = await AcceptAsync();
        await started.InTime();
        return (client, peer);
    }

    /// <summary>The next attempt, without the clock moving on.</summary>
    public Task<FakeAttempt> NextAsync() => _attempts.Reader.ReadAsync().InTime();

    /// <summary>The next attempt, where there is one by now.</summary>
    public FakeAttempt? TryNext() => _attempts.Reader.TryRead(out var attempt) ? attempt : null;

    /// <summary>The next attempt after a loss, for which the clock moves on: not a millisecond before its time. And how long the wait was.</summary>
    public async Task<(FakeAttempt Attempt, TimeSpan After)> NextAfterAsync()
    {
        var millisecond = TimeSpan.FromMilliseconds(1);
        var delay = (await _lost.Reader.ReadAsync().InTime()).Delay;
        if (delay > TimeSpan.Zero)
        {
            await UntilAsync(() => Clock.IsDueIn(delay));
            Clock.Advance(delay - millisecond);
            _attempts.Reader.TryPeek(out _).Should().BeFalse("the time of the next attempt has not come");
            Clock.Advance(millisecond);
        }

        return (await NextAsync(), delay);
    }

    public async Task<FakePeer> AcceptAsync() => (await NextAsync()).Accept();

    /// <summary>Accepts the next attempt, for which the clock moves on.</summary>
    public async Task<FakePeer> AcceptAfterAsync() => (await NextAfterAsync()).Attempt.Accept();

    public static async Task UntilAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(Limit.Time);
        while (!condition())
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private async Task<Attempt> ConnectAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _count);
        var attempt = new FakeAttempt();
        _attempts.Writer.TryWrite(attempt);
        return await attempt.Outcome.WaitAsync(cancellationToken);
    }

    internal sealed class FakeAttempt
    {
        private readonly TaskCompletionSource<Attempt> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<Attempt> Outcome => _outcome.Task;

        /// <param name="room">How many bytes may be under way; 0 for any number.</param>
        public FakePeer Accept(int room = 0)
        {
            var (client, server) = DuplexStream.Pair(room);
            _outcome.SetResult(new Attempt { Socket = new StreamWebSocket(client, new StreamWebSocketOptions { IsServer = false, CloseTimeout = TimeSpan.Zero }) });
            return new FakePeer(server);
        }

        public void Fail() => _outcome.SetResult(new Attempt { Exception = new HttpRequestException("nobody there") });

        public void Refuse(HttpStatusCode status, TimeSpan? retryAfter = null) => _outcome.SetResult(new Attempt { Status = status, RetryAfter = retryAfter });

        public void Misconfigured() => _outcome.SetResult(new Attempt { IsMisconfigured = true, Exception = new InvalidOperationException("wrong") });
    }
}
