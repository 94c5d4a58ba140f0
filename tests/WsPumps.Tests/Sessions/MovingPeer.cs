using System.Net.WebSockets;
using System.Text;
using WsPumps.Tests.Peers;

namespace WsPumps.Tests.Sessions;

/// <summary>
/// One session whose connections are cut wherever the seed says. Each time it comes back to a server that the seed says, as docs/resume.md has it.
/// </summary>
internal sealed class MovingPeer(int seed, PumpsCluster cluster)
{
    private readonly Random _random = new(seed);
    private readonly List<int> _written = [.. cluster.Hosts.Select(_ => 0)];
    private readonly List<string> _got = [];
    private int _attempts;
    private int _serverHas;
    private int _probes;
    private string _last = "";

    public IReadOnlyList<string> Got => _got;

    /// <summary>Where it has come back, and with how many messages.</summary>
    public string Trace { get; private set; } = "";

    private string Room => $"room{seed}";

    /// <summary>What one of the servers has written.</summary>
    public IEnumerable<string> WrittenBy(int server) => Enumerable.Range(1, _written[server]).Select(i => $"{server}:{i}");

    /// <returns>The client on the server where it has begun.</returns>
    public async Task<IClient> RunAsync(int fromServers, int fromPeer)
    {
        var proxies = cluster.Hosts.Select(host => new CuttingProxy(host.Address, () => (Budget(), Budget()))).ToList();
        using var limit = new CancellationTokenSource(4 * Limit.Time);
        try
        {
            // The first connection is not cut before the client is in its room: what was written before nobody would get.
            using var first = await ConnectAsync(cluster[0].WebSocketAddress());
            first.SubProtocol.Should().Be("wspumps.fresh");
            await PumpsCluster.UntilAsync(() => cluster.Broadcaster(0).Group(Room).Local.Count == 1);
            var client = cluster.Broadcaster(0).Group(Room).Local.Single();
            await UntilAllAreHeardAsync(first);
            var writing = WriteAsync(fromServers, new Random(seed + 1));
            await UseAsync(first, fromServers, fromPeer, until: _random.Next(10));
            first.Abort();
            while (_got.Count < fromServers || _serverHas < fromPeer)
            {
                limit.Token.ThrowIfCancellationRequested();
                await ConnectOnceAsync(proxies[_random.Next(proxies.Count)].WebSocketAddress, fromServers, fromPeer);
            }

            await writing.InTime();
            return client;
        }
        catch (Exception exception) when (exception is OperationCanceledException or TimeoutException)
        {
            var lacking = Enumerable.Range(0, 3).SelectMany(WrittenBy).Except(_got.Select(text => text.Split('.')[0]));
            throw new InvalidOperationException($"seed {seed}: {_got.Count} of {fromServers}, server {_serverHas}, {_attempts} attempts, last {_last}, clients " +
                string.Join(' ', cluster.Hosts.Select(host => host.Broadcaster.Group(Room).Local.Count)) + ", lacking " + string.Join(' ', lacking) +
                ", came back so:" + Trace, exception);
        }
        finally
        {
            proxies.ForEach(proxy => proxy.Dispose());
        }
    }

    /// <summary>Joining costs no network: what others write is heard from some moment afterwards.</summary>
    private async Task UntilAllAreHeardAsync(ClientWebSocket first)
    {
        var probing = true;
        var probes = Task.Run(async () =>
        {
            for (; Volatile.Read(ref probing); await Task.Delay(20))
                WriteAll("probe");
            WriteAll("begin");
        });
        for (var (probed, begun) = (new HashSet<string>(), 0); begun < cluster.Hosts.Count; _probes++)
        {
            var text = await first.ReceiveTextAsync();
            begun += text.StartsWith("begin", StringComparison.Ordinal) ? 1 : 0;
            if (probed.Add(text) && probed.Count == cluster.Hosts.Count)
                Volatile.Write(ref probing, false);
        }

        await probes.InTime();

        void WriteAll(string what)
        {
            for (var server = 0; server < cluster.Hosts.Count; server++)
                cluster.Broadcaster(server).Group(Room).Write($"{what} {server}");
        }
    }

    private async Task WriteAsync(int count, Random random)
    {
        for (var i = 0; i < count; i++)
        {
            var server = random.Next(cluster.Hosts.Count);
            cluster.Broadcaster(server).Group(Room).Write($"{server}:{++_written[server]}.{new string('.', i * 7 % 100)}");
            if (random.Next(3) == 0)
                await Task.Delay(random.Next(4));
        }
    }

    private async Task ConnectOnceAsync(Uri address, int fromServers, int fromPeer)
    {
        _attempts++;
        ClientWebSocket? socket = null;
        try
        {
            socket = await ConnectAsync(address);
            _last = socket.SubProtocol!;
            Trace += $" {address.Port} with {_got.Count}";
            socket.SubProtocol.Should().StartWith("wspumps.resume.", "the ring reaches back; seed {0}, attempt {1}", seed, _attempts);
            _serverHas = int.Parse(PumpsCluster.Header(socket, "WsPumps-Received")!);
            await UseAsync(socket, fromServers, fromPeer, until: _random.Next(5) == 0 ? _random.Next(8) : int.MaxValue);
        }
        catch (WebSocketException)
        {
            // Cut: the next connection goes on.
        }
        finally
        {
            socket?.Abort();
            socket?.Dispose();
        }
    }

    private async Task<ClientWebSocket> ConnectAsync(Uri address)
    {
        var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        socket.Options.AddSubProtocol($"wspumps.resume.{seed:x32}.{_probes + _got.Count}");
        socket.Options.AddSubProtocol("wspumps.fresh");
        if (_attempts > 0)
            socket.Options.AddSubProtocol("wspumps.again");
        await socket.ConnectAsync(new Uri(address, $"?room={Room}"), CancellationToken.None).InTime();
        return socket;
    }

    /// <summary>Sends what the server lacks, and receives so many messages, or until the connection ends.</summary>
    private async Task UseAsync(ClientWebSocket socket, int fromServers, int fromPeer, int until)
    {
        var sending = SendAsync(socket, _serverHas, fromPeer);
        var buffer = new byte[4096];
        var length = 0;
        while (until > 0 && _got.Count < fromServers)
        {
            var part = await socket.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None).InTime();
            if (part.MessageType is WebSocketMessageType.Close)
            {
                _last = $"{socket.CloseStatus} {socket.CloseStatusDescription}";
                return;
            }

            length += part.Count;
            if (!part.EndOfMessage)
                continue;

            _got.Add(Encoding.UTF8.GetString(buffer, 0, length));
            (length, until) = (0, until - 1);
        }

        await sending.InTime();
    }

    private static async Task SendAsync(ClientWebSocket socket, int serverHas, int count)
    {
        for (var i = serverHas + 1; i <= count; i++)
            await socket.SendAsync(Encoding.UTF8.GetBytes($"p{i}").AsMemory(), WebSocketMessageType.Text, true, CancellationToken.None);
    }

    private int Budget() => _random.Next(6) switch
    {
        0 => 1 + _random.Next(300),
        1 => 100_000,
        _ => 500 + _random.Next(2000),
    };
}
