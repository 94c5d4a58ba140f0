using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using WsPumps.Clustering;

namespace WsPumps.Core.Tests.Clustering;

/// <summary>One node over an engine in memory, whose messages are texts.</summary>
internal sealed class TestNode : IAsyncDisposable, IEnvelopeHandler
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);

    private readonly ConcurrentQueue<(ulong Origin, string Text)> _received = new();

    private readonly VirtualTime _time;

    private TestNode(TestBackplane engine, ClusterOptions options, VirtualTime time, ILogger logger)
    {
        (Engine, _time) = (engine, time);
        Core = new ClusterCore(engine, options, this, time, logger);
        Core.Events.Gap += gap => Gaps.Enqueue(gap);
        Core.Events.NodeJoined += change => Joined.Enqueue(change.Node.Name);
        Core.Events.NodeLeft += change => Left.Enqueue((change.Node.Name, change.Vanished));
    }

    public TestBackplane Engine { get; }

    public ClusterCore Core { get; }

    public ConcurrentQueue<ClusterGap> Gaps { get; } = new();

    public ConcurrentQueue<string> Joined { get; } = new();

    public ConcurrentQueue<(string Name, bool Vanished)> Left { get; } = new();

    /// <summary>What carrying out a message throws; null for nothing.</summary>
    public Exception? HandlerThrows { get; set; }

    public ClusterStatistics Statistics => Core.Counters.Read(0, 0);

    public IReadOnlyList<string> Texts => [.. _received.Select(message => message.Text)];

    public static async Task<TestNode> StartAsync(TestBackplane engine, string name, VirtualTime time, ILogger? logger = null, Action<ClusterOptions>? configure = null)
    {
        var options = new ClusterOptions { NodeName = name, GroupChannels = 8, UserChannels = 8 };
        configure?.Invoke(options);
        var node = new TestNode(engine, options, time, logger ?? new LogRecorder());
        await node.Core.StartAsync(CancellationToken.None).InTime();
        return node;
    }

    public void Publish(string text, int channel = ChannelMap.All)
    {
        var envelope = Core.Publisher.Begin(EnvelopeKind.Message);
        envelope.WriteText(text);
        Core.Publisher.PublishNumbered(channel, envelope);
    }

    public void Handle(in Envelope envelope, ref BodyReader body)
    {
        if (HandlerThrows is { } exception)
            throw exception;

        _received.Enqueue((envelope.Origin, body.ReadText()));
    }

    /// <summary>Moves the clock until it is so.</summary>
    public async Task Until(Func<TestNode, bool> condition)
    {
        await _time.SettleAsync();
        for (var waited = TimeSpan.Zero; !condition(this); waited += Step)
        {
            waited.Should().BeLessThan(Limit.Time, "it should have come to that by now");
            await _time.AdvanceAsync(Step);
        }
    }

    /// <summary>Until this node and the others have seen each other, and their numbers are known on the channel of all.</summary>
    public async Task UntilTogether(params TestNode[] others)
    {
        foreach (var other in others)
        {
            await Until(node => node.Core.Nodes.Alive.Any(seen => seen.Id == other.Core.Self.Id));
            await other.Until(node => node.Core.Nodes.Alive.Any(seen => seen.Id == Core.Self.Id));
            await Until(node => node.Core.Subscriptions[ChannelMap.All].Sequences.Knows(other.Core.Self.Instance));
            await other.Until(node => node.Core.Subscriptions[ChannelMap.All].Sequences.Knows(Core.Self.Instance));
        }
    }

    public async ValueTask DisposeAsync() => await _time.AdvanceUntilAsync(Core.DisposeAsync().AsTask(), Limit.Time);
}
