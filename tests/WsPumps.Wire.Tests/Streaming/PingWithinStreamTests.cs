using System.Buffers.Binary;
using System.Diagnostics;
using System.Net.WebSockets;
using WsPumps.Wire.Tests.Clients;
using WsPumps.Wire.Tests.Hosting;

namespace WsPumps.Wire.Tests.Streaming;

/// <summary>
/// How soon a ping is answered while a message streams as fast as it can, and does not end before all pings were answered.
/// </summary>
public sealed class PingWithinStreamTests
{
    private const int Pings = 100;
    private const int PingEach = 1024 * 1024;

    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(50);

    [Theory]
    [InlineData(Carrier.Http1)]
    [InlineData(Carrier.Http1Tls)]
    public async Task Ping_WhileAMessageIsSent_IsAnsweredWithin50Milliseconds(Carrier carrier)
    {
        await using var server = await WireServer.StartAsync(_ => { });
        var (peer, client) = await server.OpenAsync(carrier);
        await using var _ = peer;
        var measured = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var sending = Task.Run(() => StreamUntilAsync(client, measured.Task));
        var times = new List<TimeSpan>();
        var (pings, received) = (0, 0L);
        WireFrame frame;
        do
        {
            frame = await peer.ReadFrameAsync() ?? throw new EndOfStreamException();
            if (frame.Opcode is WireOpcode.Pong)
            {
                times.Add(Age(frame));
                if (times.Count == Pings)
                    measured.SetResult();
                continue;
            }

            received += frame.Payload.Length;
            if (pings == times.Count && received / PingEach > pings && pings++ < Pings)
                await peer.SendAsync(Ping());
        }
        while (frame is not { Fin: true, IsControl: false });

        await sending.InTime();
        AssertSoon(times);
    }

    [Theory]
    [InlineData(Carrier.Http1)]
    [InlineData(Carrier.Http1Tls)]
    public async Task Ping_WhileAMessageIsReceived_IsAnsweredWithin50Milliseconds(Carrier carrier)
    {
        await using var server = await WireServer.StartAsync(endpoint =>
        {
            endpoint.Options.MaxStreamSize = 1L << 50;
            endpoint.OnMessageStream(async (client, message, cancellationToken) =>
            {
                await message.Stream.CopyToAsync(Stream.Null, cancellationToken);
                await client.WriteAsync("whole", cancellationToken);
            });
        });
        var (peer, _) = await server.OpenAsync(carrier);
        await using var _1 = peer;
        var times = new List<TimeSpan>();
        var sending = Task.Run(() => StreamUntilAsync(peer, () => Volatile.Read(ref times).Count));
        WireFrame frame;
        while ((frame = await peer.ReadFrameAsync() ?? throw new EndOfStreamException()).Opcode is WireOpcode.Pong)
            Volatile.Write(ref times, [.. times, Age(frame)]);

        await sending.InTime();
        frame.Text.Should().Be("whole");
        AssertSoon(times);
    }

    /// <summary>Of a machine that is busy with other things, the best tenth is asked.</summary>
    private static void AssertSoon(List<TimeSpan> times)
    {
        times.Should().HaveCount(Pings);
        times.Order().ElementAt(Pings / 10).Should().BeLessThan(Soon, $"pongs pass between fragments; the median was {times.Order().ElementAt(Pings / 2)}");
    }

    private static async Task StreamUntilAsync(IClient client, Task measured)
    {
        var piece = new byte[64 * 1024];
        await using var message = await client.OpenMessageAsync(WebSocketMessageType.Binary);
        while (!measured.IsCompleted)
            await message.WriteAsync(piece);
        await message.CompleteAsync();
    }

    private static async Task StreamUntilAsync(RawWebSocketClient peer, Func<int> answered)
    {
        var piece = ClientFrame.Build(WireOpcode.Continuation, new byte[60_000], fin: false);
        await peer.SendAsync(ClientFrame.Build(WireOpcode.Binary, [], fin: false));
        var (sent, pings) = (0L, 0);
        for (; answered() < Pings; sent += piece.Length)
        {
            await peer.SendBytesAsync(piece);
            if (pings < Pings && pings == answered() && sent / PingEach > pings)
            {
                pings++;
                await peer.SendAsync(Ping());
            }
        }

        await peer.SendAsync(ClientFrame.Build(WireOpcode.Continuation, []));
    }

    private static byte[] Ping()
    {
        var now = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(now, Stopwatch.GetTimestamp());
        return ClientFrame.Ping(now);
    }

    private static TimeSpan Age(WireFrame pong) => Stopwatch.GetElapsedTime(BinaryPrimitives.ReadInt64LittleEndian(pong.Payload));
}
