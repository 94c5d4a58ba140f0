using System.Buffers.Binary;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using WsPumps.Tests.Peers;

namespace WsPumps.Tests.Endpoints;

public sealed class MessagesTests
{
    private const int MiB = 1024 * 1024;

    public static TheoryData<WebSocketMessageType, int> TypesAndSizes()
    {
        var data = new TheoryData<WebSocketMessageType, int>();
        foreach (var size in (int[])[0, 1, 125, 126, 65535, 65536, MiB, 16 * MiB])
        {
            data.Add(WebSocketMessageType.Text, size);
            data.Add(WebSocketMessageType.Binary, size);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(TypesAndSizes))]
    public async Task Message_AnyTypeAndSize_ComesBackAsItWas(WebSocketMessageType type, int size)
    {
        await using var host = await PumpsHost.StartAsync(endpoint =>
        {
            endpoint.Options.MaxMessageSize = 16 * MiB;
            Echo.Endpoint(endpoint);
        });
        var sent = type is WebSocketMessageType.Text
            ? Encoding.UTF8.GetBytes(RandomNumberGenerator.GetString("abcdefghijklmnop", size))
            : RandomNumberGenerator.GetBytes(size);
        var peer = await host.ConnectAsync();

        var sending = peer.SendAsync(sent, type, true, CancellationToken.None);
        var received = await peer.ReceiveAsync();

        await sending.InTime();
        received.Type.Should().Be(type);
        received.Payload.AsSpan().SequenceEqual(sent).Should().BeTrue();
    }

    [Fact]
    public async Task Fragments_Several_AreOneMessage()
    {
        await using var host = await PumpsHost.StartAsync(Echo.Endpoint);
        var peer = await host.ConnectAsync();

        await peer.SendTextAsync("one ", endOfMessage: false);
        await peer.SendTextAsync("", endOfMessage: false);
        await peer.SendTextAsync("two ", endOfMessage: false);
        await peer.SendTextAsync("three");
        await peer.SendBinaryAsync([1], endOfMessage: false);
        await peer.SendBinaryAsync([]);

        (await peer.ReceiveTextAsync()).Should().Be("one two three");
        (await peer.ReceiveAsync()).Should().BeEquivalentTo((WebSocketMessageType.Binary, new byte[] { 1 }));
    }

    [Fact]
    public async Task Fragments_PingBetweenThem_MessageIsWhole()
    {
        await using var host = await PumpsHost.StartAsync(Echo.Endpoint);
        var peer = await host.ConnectRawAsync();

        await peer.SendAsync(Opcodes.Text, "one "u8.ToArray(), final: false);
        await peer.SendAsync(Opcodes.Ping, "p"u8.ToArray());
        await peer.SendAsync(0, "two"u8.ToArray());

        (await peer.ReceiveAsync()).Should().BeEquivalentTo(((int)Opcodes.Pong, "p"u8.ToArray()));
        (await peer.ReceiveAsync()).Should().BeEquivalentTo(((int)Opcodes.Text, "one two"u8.ToArray()));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(5000)]
    public async Task Message_ExactlyAtTheLimit_IsHandled(int limit)
    {
        await using var host = await StartAsync(limit);
        var peer = await host.ConnectAsync();
        var sent = RandomNumberGenerator.GetBytes(limit);

        await peer.SendBinaryAsync(sent);

        (await peer.ReceiveAsync()).Payload.Should().Equal(sent);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(5000)]
    public async Task Message_OneByteOverTheLimit_Is1009(int limit)
    {
        await using var host = await StartAsync(limit);
        var (peer, client) = await host.ConnectPairAsync();

        await peer.SendBinaryAsync(new byte[limit + 1]);

        await ShouldBeTooBigAsync(peer, client, limit);
    }

    [Fact]
    public async Task Fragments_ExactlyAtTheLimit_AreHandled()
    {
        await using var host = await StartAsync(10);
        var peer = await host.ConnectAsync();

        await peer.SendBinaryAsync(new byte[4], endOfMessage: false);
        await peer.SendBinaryAsync(new byte[6], endOfMessage: false);
        await peer.SendBinaryAsync([]);

        (await peer.ReceiveAsync()).Payload.Should().HaveCount(10);
    }

    [Fact]
    public async Task Fragments_OneByteOverTheLimit_Are1009BeforeTheLastOneCame()
    {
        await using var host = await StartAsync(10);
        var (peer, client) = await host.ConnectPairAsync();

        await peer.SendBinaryAsync(new byte[4], endOfMessage: false);
        await peer.SendBinaryAsync(new byte[7], endOfMessage: false);

        await ShouldBeTooBigAsync(peer, client, 10);
    }

    [Theory]
    [InlineData(Opcodes.Text, new byte[] { 0xFF }, 1007)]
    [InlineData(0x3, new byte[0], 1002)]
    [InlineData(0x0, new byte[0], 1002)]
    [InlineData(Opcodes.Close, new byte[] { 0x03 }, 1002)]
    public async Task Frame_AgainstTheProtocol_EndsTheConnection(byte opcode, byte[] payload, int code)
    {
        await using var host = await PumpsHost.StartAsync(Echo.Endpoint);
        var peer = await host.ConnectRawAsync();
        var client = await host.Callbacks.NextRegisteredAsync();

        await peer.SendAsync(opcode, payload);

        var frame = (await peer.ReceiveAsync())!.Value;
        frame.Opcode.Should().Be(Opcodes.Close);
        BinaryPrimitives.ReadUInt16BigEndian(frame.Payload).Should().Be((ushort)code);
        await peer.SendAsync(Opcodes.Close, frame.Payload);
        (await peer.ReceiveAllAsync()).Should().BeEmpty();
        var record = await client.Completion.InTime();
        record.Reason.Should().Be(DisconnectReason.ProtocolError);
        record.LocalStatus.Should().Be((WebSocketCloseStatus)code);
        await host.Callbacks.NextUnregisteredAsync();
    }

    private static Task<PumpsHost> StartAsync(int limit) => PumpsHost.StartAsync(endpoint =>
    {
        endpoint.Options.MaxMessageSize = limit;
        Echo.Endpoint(endpoint);
    });

    private static async Task ShouldBeTooBigAsync(WebSocket peer, IClient client, int limit)
    {
        (await peer.ReceiveEndAsync()).Should().Be(WebSocketCloseStatus.MessageTooBig);
        peer.CloseStatusDescription.Should().Contain($"{limit} bytes");
        await peer.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None).InTime();

        var record = await client.Completion.InTime();
        record.Reason.Should().Be(DisconnectReason.MessageTooBig);
        record.MessagesReceived.Should().Be(0);
    }
}
