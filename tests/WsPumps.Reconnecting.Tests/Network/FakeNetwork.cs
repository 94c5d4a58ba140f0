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
            return own?.Invoke(lost) ?? default;
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

    /// <summary>The next attempt, for which the clock moves on as far as it takes: where it has moved since the loss, nobody knows how far that is.</summary>
    public async Task<FakeAttempt> NextWheneverAsync()
    {
        var next = NextAsync();
        await Clock.AdvanceUntil(next, TimeSpan.FromMilliseconds(100));
        return await next;
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

    private async Task<Attempt> ConnectAsync(IReadOnlyList<string> subProtocols, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _count);
        var attempt = new FakeAttempt(subProtocols);
        _attempts.Writer.TryWrite(attempt);
        return await attempt.Outcome.WaitAsync(cancellationToken);
    }

    internal sealed class FakeAttempt(IReadOnlyList<string> subProtocols)
    {
        private readonly TaskCompletionSource<Attempt> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public IReadOnlyList<string> SubProtocols => subProtocols;

        public Task<Attempt> Outcome => _outcome.Task;

        /// <summary>The server resumes the session, of which it has received so many messages.</summary>
        public FakePeer Resume(long received) => Accept(subProtocol: subProtocols[0], received: received);

        /// <param name="room">How many bytes may be under way; 0 for any number.</param>
        /// <param name="subProtocol">What the server chooses.</param>
        /// <param name="received">How many messages the server says to have received.</param>
        /// <param name="missed">How many messages the server says to be lost.</param>
        public FakePeer Accept(int room = 0, string? subProtocol = null, long? received = null, long? missed = null)
        {
            var (client, server) = DuplexStream.Pair(room);
            var socket = new StreamWebSocket(client, new StreamWebSocketOptions { IsServer = false, SubProtocol = subProtocol, NeedsFlush = false, CloseTimeout = TimeSpan.Zero });
            _outcome.SetResult(new Attempt { Socket = socket, Received = received, Missed = missed });
            return new FakePeer(server);
        }

        public void Fail() => _outcome.SetResult(new Attempt { Exception = new HttpRequestException("nobody there") });

        public void Refuse(HttpStatusCode status, TimeSpan? retryAfter = null) => _outcome.SetResult(new Attempt { Status = status, RetryAfter = retryAfter });

        public void Misconfigured() => _outcome.SetResult(new Attempt { IsMisconfigured = true, Exception = new InvalidOperationException("wrong") });
    }
}
