using WsPumps.Outbound;

namespace WsPumps.Clustering;

/// <summary>
/// How far a node has come with what every node publishes, on some channels: the number of the last one, by channel and node.
/// </summary>
internal sealed class ChannelNumbers
{
    private readonly Dictionary<(int Channel, ulong Origin), long> _numbers = [];

    private ChannelNumbers(IEnumerable<int> channels) => Channels = [.. channels];

    public IReadOnlyList<int> Channels { get; }

    /// <summary>Those of this node now: what it has published itself, and what it has counted of others that are there.</summary>
    public static ChannelNumbers Of(ClusterCore core, IEnumerable<int> channels)
    {
        var numbers = new ChannelNumbers(channels);
        var nodes = core.Nodes.AliveInstances.Keys;
        foreach (var channel in numbers.Channels)
        {
            numbers._numbers[(channel, core.Self.Instance)] = core.Outbox.LastNumber(channel);
            foreach (var node in nodes)
                numbers._numbers[(channel, node)] = core.Subscriptions[channel].Sequences.LastOf(node) ?? 0;
        }

        return numbers;
    }

    /// <summary>Whether the message is among those up to here.</summary>
    public bool Cover(DeliveryTag tag) => _numbers.TryGetValue((tag.Channel, tag.Origin), out var number) && tag.Sequence <= number;

    /// <summary>
    /// Whether the message comes after those up to here. False for one of a node that did not count as there: nobody else is known to
    /// deliver it, and it had better come twice than never.
    /// </summary>
    public bool Precede(DeliveryTag tag) => _numbers.TryGetValue((tag.Channel, tag.Origin), out var number) && tag.Sequence > number;

    /// <summary>Completes when this node has come as far, with the nodes that are there.</summary>
    /// <exception cref="OperationCanceledException">The token fired first.</exception>
    public async Task WhenReachedAsync(ClusterCore core, CancellationToken cancellationToken)
    {
        foreach (var ((channel, origin), number) in _numbers)
        {
            var subscription = core.Subscriptions[channel];
            while (origin != core.Self.Instance)
            {
                var news = subscription.NewsAsync();
                if ((subscription.Sequences.LastOf(origin) ?? 0) >= number || !core.Nodes.AliveInstances.ContainsKey(origin))
                    break;

                await news.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    public void Write(BodyWriter writer)
    {
        writer.WriteNumber(Channels.Count);
        foreach (var channel in Channels)
            writer.WriteNumber(channel);
        writer.WriteNumber(_numbers.Count);
        foreach (var ((channel, origin), number) in _numbers)
        {
            writer.WriteNumber(channel);
            writer.WriteUInt64(origin);
            writer.WriteNumber(number);
        }
    }

    /// <param name="reader">What <see cref="Write"/> has written.</param>
    /// <param name="channels">How many channels there are.</param>
    /// <returns>Null when it is none.</returns>
    public static ChannelNumbers? Read(ref BodyReader reader, int channels)
    {
        var known = new int[reader.ReadCount()];
        for (var i = 0; i < known.Length; i++)
            known[i] = (int)Math.Clamp(reader.ReadNumber(), 0, int.MaxValue);
        var numbers = new ChannelNumbers(known);
        for (var left = reader.ReadCount(); left > 0 && reader.IsValid; left--)
        {
            var (channel, origin) = ((int)Math.Clamp(reader.ReadNumber(), 0, int.MaxValue), reader.ReadUInt64());
            numbers._numbers[(channel, origin)] = reader.ReadNumber();
        }

        return reader.IsValid && known.Concat(numbers._numbers.Keys.Select(key => key.Channel)).All(channel => channel < channels)
            ? numbers : null;
    }
}
