using Microsoft.Extensions.Logging;

namespace WsPumps.Clustering;

/// <summary>
/// Keeps the engine's subscriptions as they should be, proves that they work, and tells the others the numbers of what was published
/// here, so that a loss shows also where nothing comes after it. One pass at a time.
/// </summary>
internal sealed partial class SubscriptionUpkeep
{
    /// <summary>How long a channel may stay silent although it was probed, before it is subscribed to again.</summary>
    private static readonly TimeSpan ProofTimeout = TimeSpan.FromSeconds(5);

    /// <summary>The second marker after the last message, for whoever did not get the first.</summary>
    private static readonly TimeSpan SecondMarkerAfter = TimeSpan.FromSeconds(3);

    /// <summary>With each message that is the last for now.</summary>
    private const int Markers = 3;

    private readonly Subscription[] _subscriptions;
    private readonly PublishedNumbers[] _published;
    private readonly bool[] _asked;
    private readonly IBackplane _backplane;
    private readonly Publisher _publisher;
    private readonly Outbox _outbox;
    private readonly ClusterOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly List<int> _unmarked = [];

    public SubscriptionUpkeep(Subscription[] subscriptions, IBackplane backplane, Publisher publisher, Outbox outbox,
        ClusterOptions options, TimeProvider time, ILogger logger)
    {
        (_subscriptions, _backplane, _publisher, _outbox, _options, _time, _logger) =
            (subscriptions, backplane, publisher, outbox, options, time, logger);
        _published = new PublishedNumbers[subscriptions.Length];
        _asked = new bool[subscriptions.Length];
    }

    /// <summary>Told of each channel that is heard from now on, or again: what came on it before may have gone by.</summary>
    public Action<int>? OnHeard { get; set; }

    /// <summary>Another node asks for a marker on this channel. May be called from any thread.</summary>
    public void Ask(int channel)
    {
        if (channel >= 0 && channel < _asked.Length)
            Volatile.Write(ref _asked[channel], true);
    }

    /// <summary>
    /// The engine has connected: what came before says nothing about its subscriptions, and what was under way may be lost.
    /// </summary>
    public void Connected(long now)
    {
        foreach (var subscription in _subscriptions)
        {
            if (subscription.IsOn)
                Doubt(subscription, now, wantsMarkers: true);
        }

        AskForAll();
    }

    /// <summary>
    /// The others are told the number of every channel again: the engine has connected, or a node has come, which may have been cut off
    /// from this one only. May be called from any thread.
    /// </summary>
    public void AskForAll()
    {
        for (var channel = 0; channel < _subscriptions.Length; channel++)
        {
            if (_outbox.LastNumber(channel) > 0)
                Ask(channel);
        }
    }

    public void Run(long now, bool isConnected)
    {
        _unmarked.Clear();
        for (var channel = 0; channel < _subscriptions.Length; channel++)
        {
            SetInterest(channel, now);
            if (!isConnected)
                continue;

            Prove(channel, now);
            Mark(channel, now);
        }

        if (_unmarked.Count > 0)
            AskForMarkers();
    }

    private void SetInterest(int channel, long now)
    {
        var subscription = _subscriptions[channel];
        var isWanted = channel <= ChannelMap.Direct || subscription.Members > 0;
        if (isWanted)
        {
            subscription.UnusedSince = null;
            if (subscription.IsOn)
                return;

            subscription.IsOn = true;
            Doubt(subscription, now, wantsMarkers: true);
            _backplane.SetInterest(subscription.Name, true);
        }
        else if (subscription.IsOn)
        {
            subscription.UnusedSince ??= now;
            if (_time.GetElapsedTime(subscription.UnusedSince.Value, now) < _options.InterestLinger)
                return;

            subscription.IsOn = false;
            subscription.Sequences.Clear();
            _backplane.SetInterest(subscription.Name, false);
        }
    }

    private void Prove(int channel, long now)
    {
        var subscription = _subscriptions[channel];
        if (!subscription.IsOn)
            return;

        if (subscription.IsProved)
        {
            if (_time.GetElapsedTime(subscription.HeardAt, now) < ProbeAfter(channel))
                return;

            Doubt(subscription, now, wantsMarkers: false);
        }
        else if (subscription.HeardAt > subscription.AskedAt)
        {
            subscription.IsProved = true;
            if (subscription.WantsMarkers && channel is not ChannelMap.Control and not ChannelMap.Direct)
            {
                _unmarked.Add(channel);
                OnHeard?.Invoke(channel);
            }

            subscription.WantsMarkers = false;
            return;
        }
        else if (_time.GetElapsedTime(subscription.AskedAt, now) > ProofTimeout)
        {
            Log.Silent(_logger, subscription.Name, _backplane.Name);
            Doubt(subscription, now, wantsMarkers: true);
            _backplane.SetInterest(subscription.Name, false);
            _backplane.SetInterest(subscription.Name, true);
        }

        // What this node publishes comes back to it: that is the proof.
        _publisher.PublishMarker(channel);
    }

    private void Mark(int channel, long now)
    {
        ref var published = ref _published[channel];
        var number = _outbox.LastNumber(channel);
        if (number != published.Number)
        {
            // As long as messages come, each shows what is missing before it.
            published = new PublishedNumbers { Number = number, ChangedAt = now, MarkersLeft = Markers };
        }
        else if (Volatile.Read(ref _asked[channel]))
        {
            Volatile.Write(ref _asked[channel], false);
            _publisher.PublishMarker(channel);
        }
        else if (published.MarkersLeft > 0 && _time.GetElapsedTime(published.ChangedAt, now) >= MarkerAfter(published.MarkersLeft))
        {
            published.MarkersLeft--;
            _publisher.PublishMarker(channel);
        }
    }

    /// <summary>The last one is for nodes that were cut off, but not for long enough to count as gone.</summary>
    private TimeSpan MarkerAfter(int left) => left switch
    {
        Markers => TimeSpan.Zero,
        Markers - 1 => SecondMarkerAfter,
        _ => _options.NodeTimeout + _options.HeartbeatInterval,
    };

    private void AskForMarkers()
    {
        var request = _publisher.Begin(EnvelopeKind.MarkersWanted);
        request.WriteNumber(_unmarked.Count);
        foreach (var channel in _unmarked)
            request.WriteNumber(channel);
        _publisher.PublishControl(request);
    }

    /// <summary>Different on each channel, so that they are not all probed at once.</summary>
    private TimeSpan ProbeAfter(int channel) => _options.ProbeInterval * (1 + (channel * 7 % 10 / 20.0));

    private static void Doubt(Subscription subscription, long now, bool wantsMarkers)
    {
        subscription.IsProved = false;
        subscription.AskedAt = now;
        subscription.WantsMarkers |= wantsMarkers;
    }

    private struct PublishedNumbers
    {
        public long Number;
        public long ChangedAt;
        public int MarkersLeft;
    }

    private static partial class Log
    {
        [LoggerMessage(201, LogLevel.Warning, "Nothing comes on channel {Channel} any more, although the backplane {Backplane} says it " +
            "is connected. It is subscribed to anew.", EventName = "BackplaneChannelSilent")]
        public static partial void Silent(ILogger logger, string channel, string backplane);
    }
}
