using System.Net.WebSockets;
using System.Text;

namespace WsPumps.Core.Tests.Sessions;

/// <summary>
/// One session of a client and its peer, over links that are cut wherever the seed says. The peer keeps to docs/resume.md: it counts, claims the session with
/// each new link, and sends again what the server has not received.
/// </summary>
internal sealed class CutSession(int seed, ResumeOptions resume)
{
    private const int FromServer = 60;
    private const int FromPeer = 40;

    private readonly Random _random = new(seed);
    private readonly Lock _lock = new();
    private readonly List<string> _peerGot = [];
    private readonly List<string> _serverGot = [];
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _serverHas;

    public int Resumes { get; private set; }

    public IReadOnlyList<string> PeerGot => _peerGot;

    public IReadOnlyList<string> ServerGot => _serverGot;

    public static IEnumerable<string> Sent => Enumerable.Range(1, FromServer).Select(i => Text('s', i));

    public static IEnumerable<string> SentByPeer => Enumerable.Range(1, FromPeer).Select(i => Text('p', i));

    /// <returns>Null when everything arrived; else how many messages the peer was told that it has lost, by a claim that was refused.</returns>
    public async Task<long?> RunAsync()
    {
        var link = NewLink();
        var client = new Client(ServerOf(link), new ClientSettings
        {
            Options = new ClientOptions { MaxQueuedMessages = 8, PingInterval = TimeSpan.Zero },
            Resume = resume,
        });
        var pumps = Task.WhenAll(client.WritePumpAsync(_ => { }, TimeSpan.Zero, default), client.ReadPumpAsync(_ => { }, [OnMessage], default));
        var writing = WriteAllAsync(client);
        var serving = Task.FromResult(true);
        long? missed = null;
        while (true)
        {
            try
            {
                if (await UseAsync(link))
                    break;
            }
            catch (TimeoutException)
            {
                throw new InvalidOperationException($"seed {seed}: peer {_peerGot.Count}, server {_serverGot.Count}, serverHas {_serverHas}, writing {writing.Status}, resumes {Resumes}, serving {serving.Status}, {client.Statistics} done {_done.Task.Status} cut {link.IsCut}");
            }

            if (await ClaimAsync(client) is not { IsGranted: true } claim)
            {
                // Where all is there, the session may have ended with an answer to our close that was lost.
                missed = _done.Task.IsCompleted ? null : (await client.ClaimAsync(_peerGot.Count)).MessagesMissed;
                if (missed is not null)
                    client.Abort();
                break;
            }

            Resumes++;
            _serverHas = claim.MessagesReceived;
            link = NewLink();
            serving = ServeAsync(claim, link);
        }

        await Task.WhenAll(pumps, writing, serving).InTime();
        (await client.Completion.InTime()).Reason.Should().Be(missed is null ? DisconnectReason.PeerClosed : DisconnectReason.Aborted, "of seed {0}", seed);
        return missed;
    }

    /// <summary>What was promised may be forgotten by now, where the ring is small: the peer finds its connection closed, and asks again.</summary>
    private static async Task<bool> ServeAsync(ResumeClaim claim, CutLink link)
    {
        var served = await claim.ServeAsync(ServerOf(link), default);
        if (!served)
            link.Cut();
        return served;
    }

    /// <summary>At times the answer is lost, and the peer asks once more; or it asks twice at once.</summary>
    private async Task<ResumeClaim> ClaimAsync(Client client)
    {
        var claim = await client.ClaimAsync(_peerGot.Count).InTime();
        if (_random.Next(4) != 0 || !claim.IsGranted)
            return claim;

        var second = await client.ClaimAsync(_peerGot.Count).InTime();
        if (second.IsGranted)
            (await claim.ServeAsync(ServerOf(NewLink()), default).InTime()).Should().BeFalse("another one has asked since");
        return second;
    }

    /// <summary>Sends and receives until the link is cut, or all is done.</summary>
    /// <returns>Whether the session was closed in order.</returns>
    private async Task<bool> UseAsync(CutLink link)
    {
        using var socket = new StreamWebSocket(link.Client, new StreamWebSocketOptions { IsServer = false, Abort = link.Cut });
        var sending = Task.Run(async () =>
        {
            try
            {
                for (var i = (int)_serverHas; i < FromPeer; i++)
                    await socket.SendAsync(Encoding.UTF8.GetBytes(Text('p', i + 1)).AsMemory(), WebSocketMessageType.Text, true, default);
            }
            catch (Exception exception) when (exception is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException)
            {
                // The link was cut.
            }
        });
        var isClosed = await ReceiveAsync(socket).InTime();
        link.Cut();
        await sending.InTime();
        return isClosed;
    }

    private async Task<bool> ReceiveAsync(StreamWebSocket socket)
    {
        var buffer = new byte[4096];
        var length = 0;
        var closes = false;
        try
        {
            while (true)
            {
                var receiving = socket.ReceiveAsync(buffer.AsMemory(length), default).AsTask();
                if (!closes && await Task.WhenAny(receiving, _done.Task) != receiving)
                {
                    closes = true;
                    await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", default);
                }

                var part = await receiving;
                if (part.MessageType is WebSocketMessageType.Close)
                    return true;

                length += part.Count;
                if (!part.EndOfMessage)
                    continue;

                lock (_lock)
                    _peerGot.Add(Encoding.UTF8.GetString(buffer, 0, length));
                length = 0;
                LookWhetherDone();
            }
        }
        catch (Exception exception) when (exception is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The link was cut.
            return false;
        }
    }

    private async Task WriteAllAsync(Client client)
    {
        var random = new Random(seed + 1);
        foreach (var text in Sent)
        {
            if (random.Next(3) == 0)
                await Task.Yield();
            await client.WriteAsync(text).InTime();
        }
    }

    private ValueTask OnMessage(IClient client, Message message, CancellationToken cancellationToken)
    {
        lock (_lock)
            _serverGot.Add(message.GetText());
        LookWhetherDone();
        return default;
    }

    private void LookWhetherDone()
    {
        lock (_lock)
        {
            if (_peerGot.Count >= FromServer && _serverGot.Count >= FromPeer)
                _done.TrySetResult();
        }
    }

    /// <summary>Most are cut soon, some at once, and some never.</summary>
    private CutLink NewLink() => new(Budget(), Budget());

    private int Budget() => _random.Next(8) switch
    {
        0 => int.MaxValue,
        1 => _random.Next(4),
        2 or 3 => _random.Next(200),
        _ => _random.Next(3000),
    };

    private static StreamWebSocket ServerOf(CutLink link) => new(link.Server, new StreamWebSocketOptions { Abort = link.Cut, NeedsFlush = false });

    /// <summary>Of many lengths, with headers of two and of four bytes.</summary>
    private static string Text(char from, int i) => $"{from}{i}:{new string('.', i * i * 7 % 300)}";
}
