using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;

namespace WsPumps.Samples.Tests;

public sealed class DevicesTests(DevicesServer server) : IClassFixture<DevicesServer>
{
    private const string Alone = "--Devices:Simulated=0";

    private static readonly HttpClient Http = new();

    /// <summary>To make one takes a process.</summary>
    private static readonly ConcurrentDictionary<string, Task<string>> Tokens = new();

    private readonly SampleProcess _server = server.Process;

    [Fact]
    public async Task Device_Commanded_AnswersAndItsReadingsAreKnown()
    {
        var token = await TokenAsync("sensor-7");
        await using var device = SampleProcess.Start("Devices", $"--token={token}", $"--server={DeviceAddress(_server)}");
        await device.SaysAsync("Connected");

        var (status, answer) = await CommandWhenThereAsync("sensor-7", "reset");

        status.Should().Be(HttpStatusCode.OK);
        ((string?)answer["text"]).Should().EndWith("is 20");
        ((bool?)answer["succeeded"]).Should().BeTrue();
        var known = (await Http.GetFromJsonAsync<JsonArray>(new Uri(_server.Address, "/devices")).InTime())!.Single(device => (string?)device!["id"] == "sensor-7")!;
        ((bool?)known["connected"]).Should().BeTrue();

        (await CommandAsync("sensor-7", "dance")).Answer["succeeded"]!.GetValue<bool>().Should().BeFalse();
        (await CommandAsync("sensor-7", "sleep")).Status.Should().Be(HttpStatusCode.GatewayTimeout);
        (await CommandAsync("sensor-8", "reset")).Status.Should().Be(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Device_ServerRestarted_ComesBack()
    {
        var port = SampleProcess.FindPort();
        await using var before = await SampleProcess.StartAsync("Devices", port, Alone);
        var token = await TokenAsync("sensor-7");
        await using var device = SampleProcess.Start("Devices", $"--token={token}", $"--server={DeviceAddress(before)}");
        await device.SaysAsync("Connected");

        await before.TerminateAsync();
        await device.SaysAsync("Connection ended: PeerClosed");
        await using var after = await SampleProcess.StartAsync("Devices", port, Alone);

        await device.SaysAsync("Connected");
    }

    [Fact]
    public async Task Device_SwitchedOff_SaysGoodbye()
    {
        var token = await TokenAsync("sensor-6");
        await using var device = SampleProcess.Start("Devices", $"--token={token}", $"--server={DeviceAddress(_server)}");
        await device.SaysAsync("Connected");

        await device.TerminateAsync();

        device.Output.Should().Contain("Connection ended: Closed");
    }

    [Fact]
    public async Task Handshake_TokenAndSubProtocol_OnlyTheProtocolIsAgreedOn()
    {
        using var socket = await ConnectAsync("sensor-5");

        socket.SubProtocol.Should().Be("devices.v1");
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401, "devices.v1")]
    [InlineData(401, "devices.v1", "token.")]
    [InlineData(401, "devices.v1", "token.sensor-7.99999999999.forged")]
    [InlineData(400, "token.sensor-7.99999999999.forged")]
    public async Task Handshake_WithoutValidToken_Refused(int status, params string[] offered)
    {
        using var socket = new Socket();

        await socket.Awaiting(it => it.ConnectAsync(_server, "/device", null, offered)).Should().ThrowAsync<WebSocketException>();

        socket.HandshakeStatus.Should().Be((HttpStatusCode)status);
    }

    [Fact]
    public async Task Command_ConnectionEndsBeforeTheAnswer_IsToldAtOnce()
    {
        using var socket = await ConnectAsync("sensor-9");
        var answer = CommandWhenThereAsync("sensor-9", "measure");
        (await ReceiveCommandAsync(socket)).Text.Should().Be("measure");

        socket.Dispose();

        (await answer).Status.Should().Be(HttpStatusCode.BadGateway);
    }

    [Fact]
    public async Task Command_AnsweredByAnotherDevice_DoesNotCount()
    {
        using var asked = await ConnectAsync("sensor-1");
        using var other = await ConnectAsync("sensor-2");
        var answer = CommandWhenThereAsync("sensor-1", "measure");
        var (number, _) = await ReceiveCommandAsync(asked);

        await other.SendAsync(Encode(3, number, "false"), WebSocketMessageType.Binary);
        await asked.SendAsync(Encode(3, number, "true"), WebSocketMessageType.Binary);

        ((string?)(await answer).Answer["text"]).Should().Be("true");
    }

    [Fact]
    public async Task Device_ConnectsAgain_ReplacesItsOldConnection()
    {
        using var old = await ConnectAsync("sensor-3");
        var answer = CommandWhenThereAsync("sensor-3", "measure");
        await ReceiveCommandAsync(old);

        using var back = await ConnectAsync("sensor-3");

        (await old.ReceiveAsync()).Type.Should().Be(WebSocketMessageType.Close);
        old.CloseStatus.Should().Be((WebSocketCloseStatus)4000);
        await old.CloseAsync();
        (await answer).Status.Should().Be(HttpStatusCode.BadGateway);
    }

    [Theory]
    [InlineData(WebSocketMessageType.Text, "hello")]
    [InlineData(WebSocketMessageType.Binary, "short")]
    [InlineData(WebSocketMessageType.Binary, "\u0009 long enough, no such kind")]
    public async Task Message_AgainstTheProtocol_ClosesWith1007(WebSocketMessageType type, string text)
    {
        using var socket = await ConnectAsync("sensor-4");

        await socket.SendAsync(Encoding.UTF8.GetBytes(text), type);

        (await socket.ReceiveAsync()).Type.Should().Be(WebSocketMessageType.Close);
        socket.CloseStatus.Should().Be(WebSocketCloseStatus.InvalidPayloadData);
    }

    private async Task<Socket> ConnectAsync(string device)
    {
        var socket = new Socket();
        await socket.ConnectAsync(_server, "/device", null, "devices.v1", $"token.{await TokenAsync(device)}");
        return socket;
    }

    private static Task<string> TokenAsync(string device) => Tokens.GetOrAdd(device, MakeTokenAsync);

    private static async Task<string> MakeTokenAsync(string device)
    {
        var (exitCode, output) = await SampleProcess.RunToEndAsync("Devices", $"--token-for={device}");
        exitCode.Should().Be(0);
        return output.Trim();
    }

    private static string DeviceAddress(SampleProcess server) => new UriBuilder(new Uri(server.Address, "/device")) { Scheme = "ws" }.Uri.AbsoluteUri;

    private async Task<(HttpStatusCode Status, JsonNode Answer)> CommandAsync(string device, string command)
    {
        using var response = await Http.PostAsync(new Uri(_server.Address, $"/devices/{device}/commands/{command}"), content: null).InTime();
        return (response.StatusCode, (await response.Content.ReadFromJsonAsync<JsonNode>().InTime())!);
    }

    /// <summary>A device whose handshake is over may not be registered yet.</summary>
    private async Task<(HttpStatusCode Status, JsonNode Answer)> CommandWhenThereAsync(string device, string command)
    {
        using var limit = new CancellationTokenSource(Limit.Time);
        while (true)
        {
            var answer = await CommandAsync(device, command);
            if (answer.Status != HttpStatusCode.NotFound)
                return answer;

            limit.Token.ThrowIfCancellationRequested();
        }
    }

    private static async Task<(uint Number, string Text)> ReceiveCommandAsync(Socket socket)
    {
        var (type, bytes) = await socket.ReceiveAsync();
        type.Should().Be(WebSocketMessageType.Binary);
        bytes[0].Should().Be(2);
        return (BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(4)), Encoding.UTF8.GetString(bytes.AsSpan(8)));
    }

    private static byte[] Encode(byte kind, uint number, string text)
    {
        var bytes = new byte[8 + text.Length];
        bytes[0] = kind;
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2), (ushort)text.Length);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4), number);
        Encoding.UTF8.GetBytes(text, bytes.AsSpan(8));
        return bytes;
    }
}
