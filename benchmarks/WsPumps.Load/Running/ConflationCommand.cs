using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using WsPumps.Load.Client;
using WsPumps.Load.Protocols;
using WsPumps.Load.Servers;

namespace WsPumps.Load.Running;

/// <summary>
/// How old a conflated value is when a slow client reads it, by what the server's operating system may hold for it. A hundred keys change
/// twenty times a second each; the client reads a quarter of that, after some seconds in which it reads all, so that the system's buffers
/// have grown as they do on a connection that was fast before.
/// </summary>
internal static class ConflationCommand
{
    private const int Keys = 100;
    private const int PayloadBytes = 128;
    private const int BytesPerSecond = 64 * 1024;

    /// <summary>More than a system ever holds: as if the option were not there.</summary>
    private const int Unlimited = 1024 * 1024 * 1024;

    private static readonly int[] Bounds = [Unlimited, 256 * 1024, 64 * 1024, 16 * 1024, 4 * 1024];
    private static readonly bool[] Transports = [true, false];
    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(50);

    public static void Run(Arguments arguments)
    {
        var (fast, slow) = (arguments.TakeNumber("--fast") ?? 5, arguments.TakeNumber("--slow") ?? 120);
        arguments.ThrowIfAnyLeft();
        var table = new StringBuilder("| `MaxSocketBytes` | transport | age p50 s | age max s | values per s |\n|--:|---|--:|--:|--:|\n");
        // All at once: together they keep a machine busy for a few hundredths.
        var runs =
            from bound in Bounds
            from isDirect in Transports
            select RunOnceAsync(bound, isDirect, TimeSpan.FromSeconds(fast), TimeSpan.FromSeconds(slow));
        foreach (var row in Task.WhenAll(runs.ToList()).GetAwaiter().GetResult())
            table.AppendLine(row);
        Console.Write(table);
    }

    private static async Task<string> RunOnceAsync(int bound, bool isDirect, TimeSpan fast, TimeSpan slow)
    {
        var everybody = new Broadcaster(new Manager());
        var port = await KestrelHost.StartAsync(
            new ServerSettings(0),
            services => services.AddWebSocketPumps(options =>
            {
                options.SlowClientPolicy = SlowClientPolicy.Conflate;
                options.MaxSocketBytes = bound;
                options.DirectWrites = isDirect;
                options.PingInterval = TimeSpan.FromSeconds(1);
                // What a client is behind is the matter here, not when it is given up.
                options.PongTimeout = options.WriteTimeout = TimeSpan.FromHours(1);
            }),
            app => app.MapWebSocketPumps("/", endpoint =>
            {
                endpoint.Broadcaster = everybody;
                endpoint.OnMessage((_, _, _) => default);
            }));

        using var ended = new CancellationTokenSource();
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port);
        var reader = new AgeReader(socket);
        await socket.SendAsync(Handshake.Request("/", offersCompression: false));
        // The change to the socket needs a round trip without traffic.
        await reader.ReadAsync(int.MaxValue, TimeSpan.FromSeconds(3));
        var feeding = FeedAsync(everybody, ended.Token);
        await reader.ReadAsync(int.MaxValue, fast);
        await reader.ReadAsync(BytesPerSecond, slow / 2);
        var ages = reader.Ages = new LatencyHistogram();
        var before = reader.Values;
        await reader.ReadAsync(BytesPerSecond, slow / 2);
        ended.Cancel();
        await feeding;
        return string.Create(CultureInfo.InvariantCulture,
            $"| {(bound == Unlimited ? "the system's" : $"{bound:N0}")} | {(isDirect ? "socket" : "stream")} | {ages.Quantile(0.5) / 1e6:0.0} | {ages.Max / 1e6:0.0} | {(reader.Values - before) / (slow / 2).TotalSeconds:0} |");
    }

    private static async Task FeedAsync(Broadcaster everybody, CancellationToken ended)
    {
        var keys = Enumerable.Range(0, Keys).Select(key => new MessageOptions { ConflationKey = $"{key}" }).ToArray();
        using var timer = new PeriodicTimer(Turn);
        while (!ended.IsCancellationRequested && await timer.WaitForNextTickAsync(CancellationToken.None))
        {
            foreach (var key in keys)
            {
                var payload = new byte[PayloadBytes];
                Stamp.Write(payload, Stamp.Now);
                everybody.All.Write(PreparedMessage.Binary(payload).With(key));
            }
        }
    }

    /// <summary>A client that reads no faster than it is told, and answers pings.</summary>
    private sealed class AgeReader : IFrameReceiver
    {
        private readonly Socket _socket;
        private readonly FrameReader _frames;
        private readonly Handshake _handshake = new();
        private readonly byte[] _buffer = new byte[256 * 1024];
        private readonly byte[] _payload = new byte[PayloadBytes];
        private bool _isOpen;
        private int _length;

        public AgeReader(Socket socket) => (_socket, _frames) = (socket, new FrameReader(this));

        public LatencyHistogram Ages { get; set; } = new();

        public long Values { get; private set; }

        public async Task ReadAsync(int bytesPerSecond, TimeSpan time)
        {
            using var timer = new PeriodicTimer(Turn);
            var share = (int)Math.Min(_buffer.Length, bytesPerSecond * Turn.TotalSeconds);
            for (var left = time; left > TimeSpan.Zero; left -= Turn)
            {
                await timer.WaitForNextTickAsync();
                if (_socket.Available > 0)
                    Feed(_socket.Receive(_buffer.AsSpan(0, share)));
            }
        }

        public void OnData(ReadOnlySpan<byte> payload, bool endsMessage)
        {
            payload.CopyTo(_payload.AsSpan(_length));
            _length += payload.Length;
            if (!endsMessage)
                return;

            Ages.Add(Stamp.MicrosecondsSince(Stamp.Read(_payload)));
            Values++;
            _length = 0;
        }

        /// <summary>Masked with zeros, which changes nothing.</summary>
        public void OnControl(byte opcode, ReadOnlySpan<byte> payload)
        {
            const byte ping = 0x9;
            if (opcode == ping)
                _socket.Send([0x8A, (byte)(0x80 | payload.Length), 0, 0, 0, 0, .. payload]);
        }

        private void Feed(int length)
        {
            ReadOnlySpan<byte> bytes = _buffer.AsSpan(0, length);
            if (_isOpen || (_isOpen = _handshake.TryComplete(ref bytes)))
                _frames.Feed(bytes);
        }
    }
}
