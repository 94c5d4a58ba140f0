using System.Threading.Channels;
using WsPumps.Wire.Tests.Clients;
using WsPumps.Wire.Tests.Hosting;

namespace WsPumps.Wire.Tests.Load;

public sealed class ControlFramePriorityTests
{
    private const int Messages = 3000;
    private const int QueueLength = 100;

    [Theory]
    [MemberData(nameof(Carriers.All), MemberType = typeof(Carriers))]
    public async Task Pong_QueueFullAndWritersWaiting_PassesThem(Carrier carrier)
    {
        var heard = Channel.CreateUnbounded<bool>();
        await using var server = await WireServer.StartAsync(endpoint =>
        {
            endpoint.Options.MaxQueuedMessages = QueueLength;
            endpoint.Options.MaxQueuedBytes = 1L << 40;
            endpoint.OnMessage((_, _, cancellationToken) => heard.Writer.WriteAsync(true, cancellationToken));
        });
        var (peer, connected) = await server.OpenAsync(carrier, receiveBuffer: 4096);
        await using var disposing = peer;
        var client = (Client)connected;

        var accepted = 0;
        var writing = WriteAllAsync();
        var pings = 0;
        do
        {
            // The pong is waiting, or has left, when the message behind its ping is handled.
            await peer.SendAsync(ClientFrame.Ping(BitConverter.GetBytes(++pings)), ClientFrame.Text("behind the ping"));
            await heard.Reader.ReadAsync().InTime();
        }
        while (client.Statistics.WaitingMessages == 0);
        // One may have been accepted meanwhile, and one is on its way already.
        var firstInQueue = Volatile.Read(ref accepted) + 2 - (client.Statistics.QueuedMessages - client.Statistics.WaitingMessages);

        var before = await CountUpToPongAsync(peer, pings);
        before.Should().BeLessThanOrEqualTo(firstInQueue, "what was still in the queue comes after the pong");
        for (var number = before; number < Messages; number++)
            BitConverter.ToInt32((await peer.ReadAsync(WireOpcode.Binary)).Payload).Should().Be(number);
        await writing.InTime();

        async Task WriteAllAsync()
        {
            for (var i = 0; i < Messages; i++)
            {
                var payload = new byte[32 * 1024];
                BitConverter.TryWriteBytes(payload, i);
                await client.WriteAsync(Message.Binary(payload));
                Volatile.Write(ref accepted, i + 1);
            }
        }
    }

    private static async Task<int> CountUpToPongAsync(RawWebSocketClient peer, int ping)
    {
        for (var messages = 0; ;)
        {
            var frame = (await peer.ReadFrameAsync())!;
            if (frame.Opcode is WireOpcode.Binary)
                BitConverter.ToInt32(frame.Payload).Should().Be(messages++);
            else if (BitConverter.ToInt32(frame.Payload) == ping)
                return messages;
        }
    }
}
