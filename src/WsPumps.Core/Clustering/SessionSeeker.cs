using System.Collections.Concurrent;

namespace WsPumps.Clustering;

/// <summary>Asks other nodes for the session of a client that has come back here, and takes it.</summary>
internal sealed class SessionSeeker(ClusterCore core, DeliveriesUnderWay deliveries, TimeProvider time)
{
    /// <summary>So many questions are under way at a time. Further ones wait, each as long as it may.</summary>
    private const int MaxAtOnce = 256;

    private readonly ConcurrentDictionary<ulong, SessionQuestion> _questions = new();
    private readonly SemaphoreSlim _places = new(MaxAtOnce);
    private ulong _lastId;

    /// <summary>Whether there is anybody who would take a session of this node.</summary>
    public bool HasTaker => core.Status.State is BackplaneState.Connected && core.Nodes.HasSessionTaker;

    /// <summary>Asks the other nodes.</summary>
    /// <param name="seal">How the session is spoken of.</param>
    /// <param name="received">How many messages the client says that it has received in it.</param>
    /// <param name="limit">How long they have to answer.</param>
    /// <param name="gone">Fires when nobody waits for the answer any more.</param>
    /// <returns>Null when nobody has it, or has said so in time.</returns>
    public async Task<SoughtSession?> AskAsync(SessionSeal seal, long received, TimeSpan limit, CancellationToken gone)
    {
        var asked = core.Nodes.SessionHolders;
        if (asked.Count == 0 || core.Status.State is not BackplaneState.Connected)
            return null;

        using var deadline = new CancellationTokenSource(limit, time);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, gone);
        var question = new SessionQuestion(Interlocked.Increment(ref _lastId), seal, asked);
        var hasPlace = false;
        try
        {
            await _places.WaitAsync(ends.Token).ConfigureAwait(false);
            hasPlace = true;
            _questions[question.Id] = question;
            Ask(question, received);
            if (await question.Offered.Task.WaitAsync(ends.Token).ConfigureAwait(false) is var (node, offer))
            {
                var connectedAt = core.Nodes.Translate(node, offer.ConnectedAt);
                return new SoughtSession(this, question, node, offer with { ConnectedAt = connectedAt }, received);
            }
        }
        catch (OperationCanceledException)
        {
            // Too late: who may have it has given the client's connection up, and keeps the session.
        }
        finally
        {
            if (hasPlace)
                _places.Release();
        }

        Forget(question);
        return null;
    }

    public void Forget(SessionQuestion question) => _questions.TryRemove(question.Id, out _);

    /// <summary>Takes a session that was offered, and puts it into a client that has been made for it.</summary>
    /// <param name="sought">The session.</param>
    /// <param name="client">The client. Its pumps do not run yet.</param>
    /// <param name="channels">Those of the cluster on which messages for it come.</param>
    /// <param name="join">Makes the client a member of its groups here.</param>
    /// <param name="limit">How long all of it may take.</param>
    /// <returns>Null when it did not move.</returns>
    public async Task<SessionBody?> TakeAsync(SoughtSession sought, Client client, IReadOnlyCollection<int> channels,
        Func<ValueTask<bool>> join, TimeSpan limit)
    {
        using var deadline = new CancellationTokenSource(limit, time);
        deliveries.BeginTagging();
        try
        {
            await deliveries.WhenEarlierEndedAsync().WaitAsync(deadline.Token).ConfigureAwait(false);
            if (!await join().ConfigureAwait(false))
                return null;

            await core.WhenHearsAsync(channels, deadline.Token).ConfigureAwait(false);
            // What was written here before the client was a member has its number after this.
            await deliveries.WhenEarlierEndedAsync().WaitAsync(deadline.Token).ConfigureAwait(false);
            Take(sought, ChannelNumbers.Of(core, channels));
            var given = await sought.Question.Given.Task.WaitAsync(deadline.Token).ConfigureAwait(false);
            if (given is null || SessionBody.Read(given, core.Channels.Count, time) is not { } body)
                return null;

            await HasCaughtUpAsync(body.Numbers, deadline.Token).ConfigureAwait(false);
            client.Session!.Continue(body.Content, sought.Received, message => message.Tag is { } tag && body.Numbers.Cover(tag));
            return body;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
        finally
        {
            deliveries.EndTagging();
            Forget(sought.Question);
        }
    }

    public void OnOffered(ulong node, ulong id, ReadOnlySpan<byte> data)
    {
        if (!_questions.TryGetValue(id, out var question))
            return;

        if (question.Seal.TryOpen(data, SessionMoves.Context(EnvelopeKind.SessionOffered, node, id)) is { } content
            && SessionOffer.Read(content) is { } offer)
        {
            question.Offered.TrySetResult((node, offer));
        }
        else
        {
            question.Denied(node);
        }
    }

    public void OnGiven(ulong node, ulong id, ReadOnlySpan<byte> data)
    {
        if (_questions.TryGetValue(id, out var question))
            question.Given.TrySetResult(question.Seal.TryOpen(data, SessionMoves.Context(EnvelopeKind.SessionGiven, node, id)));
    }

    private void Ask(SessionQuestion question, long received)
    {
        var content = BodyWriter.Begin();
        content.WriteNumber(received);
        var plain = content.ToArray();
        var data = question.Seal.Seal(plain, SessionMoves.Context(EnvelopeKind.SessionWanted, core.Self.Instance, question.Id));
        var envelope = core.Publisher.Begin(EnvelopeKind.SessionWanted);
        envelope.WriteUInt64(question.Id);
        envelope.WriteUInt64((ulong)(question.Seal.Id >> 64));
        envelope.WriteUInt64((ulong)question.Seal.Id);
        envelope.WriteBytes(data);
        core.Publisher.PublishControl(envelope);
    }

    private void Take(SoughtSession sought, ChannelNumbers numbers)
    {
        var content = BodyWriter.Begin();
        numbers.Write(content);
        var plain = content.ToArray();
        var question = sought.Question;
        var data = question.Seal.Seal(plain, SessionMoves.Context(EnvelopeKind.SessionTaken, core.Self.Instance, question.Id));
        var envelope = core.Publisher.Begin(EnvelopeKind.SessionTaken);
        envelope.WriteUInt64(question.Id);
        envelope.WriteBytes(data);
        core.Publisher.PublishTo(sought.Node, envelope);
    }

    /// <summary>What the session has brought along would otherwise come here once more, when nothing is left out any longer.</summary>
    private async Task HasCaughtUpAsync(ChannelNumbers numbers, CancellationToken cancellationToken)
    {
        try
        {
            await numbers.WhenReachedAsync(core, cancellationToken).ConfigureAwait(false);
            await deliveries.WhenEarlierEndedAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The session is here and cannot go back. What has not come by now was most likely lost on its way.
        }
    }
}
