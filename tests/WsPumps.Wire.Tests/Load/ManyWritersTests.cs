using System.Buffers.Binary;
using WsPumps.Wire.Tests.Clients;
using WsPumps.Wire.Tests.Hosting;

namespace WsPumps.Wire.Tests.Load;

/// <summary>What was written is what arrives, whatever its writer does with the buffer as soon as the call has returned.</summary>
public sealed class ManyWritersTests
{
    private const int Writers = 64;
    private const int HeaderLength = 8;

    [Theory]
    [MemberData(nameof(Carriers.All), MemberType = typeof(Carriers))]
    public Task Write_SixtyFourWritersReuseTheirBuffersAtOnce_NothingIsCorruptOrOutOfOrder(Carrier carrier) =>
        RunAsync(carrier, clients: 2, messagesEach: 100);

    [Trait("Category", "Stress")]
    [Theory]
    [MemberData(nameof(Carriers.All), MemberType = typeof(Carriers))]
    public Task Write_SixtyFourWritersAMillionMessages_NothingIsCorruptOrOutOfOrder(Carrier carrier) =>
        RunAsync(carrier, clients: 8, messagesEach: 2000);

    private static async Task RunAsync(Carrier carrier, int clients, int messagesEach)
    {
        await using var server = await WireServer.StartAsync(_ => { });
        var connections = new List<(RawWebSocketClient Peer, IClient Client)>();
        for (var i = 0; i < clients; i++)
            connections.Add(await server.OpenAsync(carrier));

        var work = connections.SelectMany(connection => Enumerable.Range(0, Writers)
            .Select(writer => Task.Run(() => WriteAsync(connection.Client, writer, messagesEach)))
            .Append(Task.Run(() => ReadAsync(connection.Peer, messagesEach))));
        await Task.WhenAll(work).WaitAsync(2 * Limit.Time);

        foreach (var (peer, _) in connections)
            await peer.DisposeAsync();
    }

    private static async Task WriteAsync(IClient client, int writer, int messages)
    {
        var buffer = new byte[2048];
        for (var number = 0; number < messages; number++)
        {
            var length = LengthOf(writer, number);
            BinaryPrimitives.WriteInt32BigEndian(buffer, writer);
            BinaryPrimitives.WriteInt32BigEndian(buffer.AsSpan(4), number);
            buffer.AsSpan(HeaderLength, length - HeaderLength).Fill(FillOf(writer, number));
            var written = client.WriteAsync(Message.Binary(buffer.AsMemory(0, length)));
            // It may still wait for room: that is no reason to keep the buffer.
            Array.Fill(buffer, (byte)0xEE);
            (await written).Should().Be(WriteResult.Queued);
        }
    }

    private static async Task ReadAsync(RawWebSocketClient peer, int messagesEach)
    {
        var next = new int[Writers];
        for (var i = 0; i < Writers * messagesEach; i++)
        {
            var payload = (await peer.NextFrameAsync())!.Payload;
            var (writer, number) = (BinaryPrimitives.ReadInt32BigEndian(payload), BinaryPrimitives.ReadInt32BigEndian(payload.AsSpan(4)));
            if (number != next[writer]++ || payload.Length != LengthOf(writer, number)
                || payload.AsSpan(HeaderLength).ContainsAnyExcept(FillOf(writer, number)))
            {
                throw new WireViolationException($"This is not message {next[writer] - 1} of writer {writer}: {payload.Length} bytes, number {number}.");
            }
        }
    }

    private static int LengthOf(int writer, int number) => HeaderLength + (((number * 37) + (writer * 11)) % (number % 20 == 0 ? 2000 : 150));

    private static byte FillOf(int writer, int number) => (byte)((writer * 31) + number);
}
