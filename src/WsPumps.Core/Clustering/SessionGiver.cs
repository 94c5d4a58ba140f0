using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using WsPumps.Diagnostics;
using WsPumps.Lifetime;

namespace WsPumps.Clustering;

/// <summary>Answers other nodes that ask for a session of this one, and lets it go.</summary>
internal sealed partial class SessionGiver(ClusterCore core, DeliveriesUnderWay deliveries, TimeProvider time, ILogger logger)
{
    /// <summary>So many are offered or given at a time. Who asks beyond that is told that there is none.</summary>
    private const int MaxAtOnce = 256;

    /// <summary>How long an offer stands.</summary>
    private static readonly TimeSpan OfferLimit = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<UInt128, ISessionHolder> _holders = new();
    private readonly ConcurrentDictionary<(ulong Node, ulong Question), Standing> _offers = new();
    private int _atWork;

    /// <summary>A session that may move. It takes the place of an earlier one of the same key.</summary>
    public void Add(ISessionHolder holder) => _holders[holder.Seal.Id] = holder;

    public void Remove(ISessionHolder holder) => _holders.TryRemove(KeyValuePair.Create(holder.Seal.Id, holder));

    public void OnWanted(ulong node, ulong question, UInt128 id, ReadOnlySpan<byte> data)
    {
        var received = -1L;
        if (_holders.TryGetValue(id, out var holder)
            && holder.Seal.TryOpen(data, SessionMoves.Context(EnvelopeKind.SessionWanted, node, question)) is { } content)
        {
            received = new BodyReader(content).ReadNumber();
        }

        if (received < 0 || !TryBegin())
            Answer(EnvelopeKind.SessionOffered, node, question, []);
        else
            Run(() => OfferAsync(holder!, node, question, received));
    }

    public void OnTaken(ulong node, ulong question, ReadOnlySpan<byte> data)
    {
        if (!_offers.TryRemove((node, question), out var offer))
            return;

        if (offer.Holder.Seal.TryOpen(data, SessionMoves.Context(EnvelopeKind.SessionTaken, node, question)) is { } content
            && Numbers(content) is { } numbers && TryBegin())
        {
            Run(() => GiveAsync(offer, node, question, numbers));
        }
        else
        {
            Answer(EnvelopeKind.SessionGiven, node, question, []);
        }
    }

    private async Task OfferAsync(ISessionHolder holder, ulong node, ulong question, long received)
    {
        SessionOffer? offer = null;
        try
        {
            // One that is just beginning may be on its way to here.
            var client = await holder.Client.WaitAsync(holder.Options.MoveTimeout / 2, time).ConfigureAwait(false);
            if (client is { Session: { } session })
                offer = await OfferAsync(holder, client, session, node, question, received).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            Log.Kept(logger, core.Nodes.IdOf(node), "it is just beginning, or a handler is still at work");
        }
        catch (Exception exception)
        {
            Log.Failed(logger, core.Nodes.IdOf(node), exception);
        }

        Answer(EnvelopeKind.SessionOffered, node, question, offer is null ? [] : holder.Seal.Seal(offer.ToArray(),
            SessionMoves.Context(EnvelopeKind.SessionOffered, core.Self.Instance, question)));
    }

    private async Task<SessionOffer?> OfferAsync(ISessionHolder holder, Client client, ConnectionSession session, ulong node,
        ulong question, long received)
    {
        var claim = await client.ClaimAsync(received).ConfigureAwait(false);
        if (!claim.IsGranted)
        {
            // A fresh one takes its place there, as it does here. Not for a question that took so long that its peer was elsewhere since.
            if (!claim.IsOutdated)
                client.Abort();
            return claim.MessagesMissed is { } missed ? new SessionOffer { MessagesMissed = missed } : null;
        }

        await session.WhenHandledAsync().WaitAsync(holder.Options.MoveTimeout, time).ConfigureAwait(false);
        if (session.BytesAfter(received) is var bytes && !MayCarry(holder, bytes))
        {
            Log.Kept(logger, core.Nodes.IdOf(node),
                $"it has {bytes} bytes and may have {holder.Options.MaxMoveBytes}, or too much waits for the engine");
            return null;
        }

        ForgetOld();
        _offers[(node, question)] = new Standing(holder, client, session, claim.Number, received, time.GetTimestamp());
        return new SessionOffer
        {
            MessagesReceived = claim.MessagesReceived,
            ClientId = client.Id,
            SubProtocol = client.SubProtocol,
            ConnectedAt = client.Statistics.ConnectedAt,
            Groups = holder.Broadcaster.GroupsOf(client),
        };
    }

    private async Task GiveAsync(Standing offer, ulong node, ulong question, ChannelNumbers reached)
    {
        byte[] data = [];
        using var deadline = new CancellationTokenSource(offer.Holder.Options.MoveTimeout, time);
        deliveries.BeginTagging();
        try
        {
            // What the other has not heard, or not delivered, because it came before the client was there, has come here.
            await core.WhenHasHeardAllAsync(reached.Channels, deadline.Token).ConfigureAwait(false);
            await reached.WhenReachedAsync(core, deadline.Token).ConfigureAwait(false);
            await deliveries.WhenEarlierEndedAsync().WaitAsync(deadline.Token).ConfigureAwait(false);
            var numbers = ChannelNumbers.Of(core, reached.Channels);
            await deliveries.WhenEarlierEndedAsync().WaitAsync(deadline.Token).ConfigureAwait(false);
            if (await BodyAsync(offer, node, numbers).ConfigureAwait(false) is { } body)
            {
                data = offer.Holder.Seal.Seal(body.ToArray(time),
                    SessionMoves.Context(EnvelopeKind.SessionGiven, core.Self.Instance, question));
                Log.Moved(logger, offer.Client.Id, core.Nodes.IdOf(node), body.Content.Lacking.Count + body.Content.Queued.Count);
            }
        }
        catch (OperationCanceledException)
        {
            Log.Kept(logger, core.Nodes.IdOf(node), "not all messages of the cluster had come here in time");
        }
        catch (Exception exception)
        {
            Log.Failed(logger, core.Nodes.IdOf(node), exception);
        }
        finally
        {
            deliveries.EndTagging();
        }

        Answer(EnvelopeKind.SessionGiven, node, question, data);
    }

    private async Task<SessionBody?> BodyAsync(Standing offer, ulong node, ChannelNumbers numbers)
    {
        var (holder, session) = (offer.Holder, offer.Session);
        var groups = holder.Broadcaster.GroupsOf(offer.Client);
        var state = holder.Options.MovingState?.Invoke(holder.Broadcaster.Outer(offer.Client)) ?? default;
        if (!MayCarry(holder, session.BytesAfter(offer.Received) + state.Length)
            || await session.TakeOutAsync(offer.Claim, offer.Received).ConfigureAwait(false) is not { } content)
        {
            Log.Kept(logger, core.Nodes.IdOf(node), "it is too large by now, it has ended, or its client has come back to another server");
            return null;
        }

        // The other delivers what has a later number: it would come twice.
        return new SessionBody(
            content with
            {
                Lacking = [.. content.Lacking.Where(Belongs)],
                Queued = [.. content.Queued.Where(item => Belongs(item.Message))],
            },
            numbers, groups, state);

        bool Belongs(PreparedMessage message) => message.Tag is not { } tag || !numbers.Precede(tag);
    }

    private bool MayCarry(ISessionHolder holder, long bytes) => bytes <= holder.Options.MaxMoveBytes
        && core.Outbox.Waiting.Bytes + bytes <= core.Options.MaxOutboxBytes / 2;

    private ChannelNumbers? Numbers(byte[] content)
    {
        var reader = new BodyReader(content);
        return ChannelNumbers.Read(ref reader, core.Channels.Count);
    }

    private void Answer(EnvelopeKind kind, ulong node, ulong question, byte[] data)
    {
        var answer = core.Publisher.Begin(kind);
        answer.WriteUInt64(question);
        answer.WriteBytes(data);
        core.Publisher.PublishTo(node, answer);
    }

    private void ForgetOld()
    {
        foreach (var (key, offer) in _offers)
        {
            if (time.GetElapsedTime(offer.MadeAt) > OfferLimit)
                _offers.TryRemove(key, out _);
        }
    }

    private bool TryBegin()
    {
        if (Interlocked.Increment(ref _atWork) <= MaxAtOnce)
            return true;

        Interlocked.Decrement(ref _atWork);
        return false;
    }

    private void Run(Func<Task> work) => _ = CountedWork.Run(time, async () =>
    {
        try
        {
            await work().ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _atWork);
        }
    });

    /// <summary>What was offered, and to be taken.</summary>
    private sealed record Standing(ISessionHolder Holder, Client Client, ConnectionSession Session, int Claim, long Received,
        long MadeAt);

    private static partial class Log
    {
        [LoggerMessage(240, LogLevel.Debug, "The session of connection {ConnectionId} has moved to the server {Node}, with {Messages} " +
            "messages.", EventName = "SessionMoved")]
        public static partial void Moved(ILogger logger, string connectionId, string node, int messages);

        [LoggerMessage(241, LogLevel.Information, "A session that the server {Node} has asked for stays here until its window is over: " +
            "{Why}. Its client gets a fresh one there, or asks again.", EventName = "SessionKept")]
        public static partial void Kept(ILogger logger, string node, string why);

        [LoggerMessage(242, LogLevel.Error, "A session that the server {Node} has asked for could not be prepared. It stays here.",
            EventName = "SessionMoveFailed")]
        public static partial void Failed(ILogger logger, string node, Exception exception);
    }
}
