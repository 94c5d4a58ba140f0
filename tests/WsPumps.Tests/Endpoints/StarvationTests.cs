using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;

namespace WsPumps.Tests.Endpoints;

public sealed class StarvationTests
{
    private const int Blocking = 40;
    private const int Healthy = 20;

    /// <summary>Far more than a peer's own thread needs to answer, however busy the machine is with others.</summary>
    private static readonly TimeSpan PongTimeout = TimeSpan.FromSeconds(6);

    /// <summary>Handlers that block their threads starve the thread pool, and with it the reading of all others. The peers run on threads of their own.</summary>
    [Fact]
    [Trait("Category", "Stress")]
    public async Task Handlers_BlockTheThreadPool_PeersOfAnotherEndpointStay()
    {
        using var release = new ManualResetEventSlim();
        await using var host = await PumpsHost.StartAppAsync(
            app =>
            {
                app.MapWebSocketPumps("/healthy", (client, message, cancellationToken) => default);
                app.MapWebSocketPumps("/blocking", (client, message, cancellationToken) =>
                {
                    release.Wait(cancellationToken);
                    return default;
                });
            },
            builder =>
            {
                PumpsHost.RealTime(builder);
                PumpsHost.With(options => (options.PingInterval, options.PongTimeout) = (TimeSpan.FromSeconds(1), PongTimeout))(builder);
            });
        var address = host.Address;
        var ended = 0;
        var peers = Start(Healthy, () => new ThreadPeer(address, "/healthy", onEnd: () => Interlocked.Increment(ref ended)));
        var blocked = Start(Blocking, () => new ThreadPeer(address, "/blocking", onEnd: null));
        var watch = new Thread(() =>
        {
            Array.ForEach(blocked, static peer => peer.SendText("block"));
            Thread.Sleep(4 * PongTimeout);
            release.Set();
            Thread.Sleep(PongTimeout + TimeSpan.FromSeconds(2));
        });

        watch.Start();
        await Task.Run(watch.Join, CancellationToken.None).WaitAsync(4 * Limit.Time);

        ended.Should().Be(0);
        Array.ForEach(peers, static peer => peer.Dispose());
        Array.ForEach(blocked, static peer => peer.Dispose());
    }

    private static ThreadPeer[] Start(int count, Func<ThreadPeer> start) => [.. Enumerable.Range(0, count).Select(_ => start())];

    /// <summary>Answers pings with nothing but a blocking socket and a thread. Of the server it expects no frame longer than 125 bytes.</summary>
    private sealed class ThreadPeer : IDisposable
    {
        private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp);
        private readonly Action? _onEnd;
        private volatile bool _isOver;

        public ThreadPeer(Uri address, string path, Action? onEnd)
        {
            _onEnd = onEnd;
            _socket.Connect(address.Host, address.Port);
            _socket.Send(Encoding.ASCII.GetBytes(
                $"GET {path} HTTP/1.1\r\nHost: {address.Authority}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"));
            var end = "\r\n\r\n"u8;
            for (var matched = 0; matched < end.Length;)
                matched = ReadByte() == end[matched] ? matched + 1 : 0;
            new Thread(Run) { IsBackground = true }.Start();
        }

        public void SendText(string text) => Send(0x81, Encoding.ASCII.GetBytes(text));

        public void Dispose()
        {
            _isOver = true;
            _socket.Dispose();
        }

        private void Run()
        {
            try
            {
                while (true)
                {
                    var (opcode, payload) = (ReadByte(), new byte[ReadByte()]);
                    for (var i = 0; i < payload.Length; i++)
                        payload[i] = ReadByte();
                    if (opcode == 0x89)
                        Send(0x8A, payload);
                    else if (opcode == 0x88)
                        break;
                }
            }
            catch (SocketException)
            {
                // Reset or disposed.
            }
            catch (ObjectDisposedException)
            {
                // The test is over.
            }

            if (!_isOver)
                _onEnd?.Invoke();
        }

        /// <summary>A mask of zeros leaves the payload as it is.</summary>
        private void Send(byte first, byte[] payload) => _socket.Send([first, (byte)(0x80 | payload.Length), 0, 0, 0, 0, .. payload]);

        private byte ReadByte()
        {
            Span<byte> one = stackalloc byte[1];
            return _socket.Receive(one) == 1 ? one[0] : throw new SocketException((int)SocketError.ConnectionReset);
        }
    }
}
