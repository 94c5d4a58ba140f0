using System.Collections.Concurrent;
using System.Threading.Channels;

namespace WsPumps.Docs.Tests.Extensibility;

/// <summary>A backplane as a user writes it, with the public API alone: two clusters in one process, joined by a hub.</summary>
public sealed class OwnBackplaneTests
{
    [Fact]
    public async Task Write_OverAnOwnBackplane_ReachesTheClientsOfBothServers()
    {
        var hub = new ConcurrentDictionary<HubBackplane, bool>();
        await using var here = new Cluster(new HubBackplane(hub));
        await using var there = new Cluster(new HubBackplane(hub));
        var (sender, receiver) = (here.CreateBroadcaster(new Manager()), there.CreateBroadcaster(new Manager()));
        var heard = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var (ann, bob) = (new Testing.RecordingClient { Id = "ann" }, new Testing.RecordingClient { Id = "bob", OnWrite = _ => heard.TrySetResult() });
        sender.Manager.Register(ann);
        receiver.Manager.Register(bob);
        await here.StartAsync();
        await there.StartAsync();

        await WriteUntilAsync(heard.Task, () => sender.All.Write("hello"));

        here.Status.State.Should().Be(BackplaneState.Connected);
        ann.WrittenTexts[0].Should().Be("hello");
        bob.WrittenTexts[0].Should().Be("hello");
    }

    /// <summary>Who is not subscribed yet gets nothing, and nothing says when that is.</summary>
    private static async Task WriteUntilAsync(Task heard, Action write)
    {
        using var limit = new CancellationTokenSource(Limit.Time);
        while (!heard.IsCompleted)
        {
            write();
            await Task.WhenAny(heard, Task.Delay(20, limit.Token));
            limit.Token.ThrowIfCancellationRequested();
        }
    }

    private sealed class HubBackplane(ConcurrentDictionary<HubBackplane, bool> hub) : IBackplane
    {
        private readonly BackplaneReporter _reporter = new();
        private readonly ConcurrentDictionary<string, bool> _interests = new();
        private readonly Channel<(string Name, ReadOnlyMemory<byte> Data)> _arriving = Channel.CreateBounded<(string, ReadOnlyMemory<byte>)>(10_000);
        private Task _receiving = Task.CompletedTask;

        public string Name => "hub";

        public BackplaneStatus Status => _reporter.Status;

        public ValueTask StartAsync(IBackplaneReceiver receiver, CancellationToken cancellationToken)
        {
            _reporter.Begin(receiver);
            _receiving = ReceiveAsync();
            hub[this] = true;
            _reporter.Connected();
            return default;
        }

        public bool TryPublish(string channel, ReadOnlyMemory<byte> data) =>
            hub.Keys.Where(server => server._interests.GetValueOrDefault(channel)).All(server => server._arriving.Writer.TryWrite((channel, data)));

        public void SetInterest(string channel, bool interested) => _interests[channel] = interested;

        public async ValueTask DisposeAsync()
        {
            hub.TryRemove(this, out _);
            _arriving.Writer.TryComplete();
            await _receiving;
            _reporter.End();
        }

        private async Task ReceiveAsync()
        {
            await foreach (var (name, data) in _arriving.Reader.ReadAllAsync())
                _reporter.Receiver.Receive(name, data);
        }
    }
}
