using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace WsPumps.Samples.Tests;

public sealed class FilesTests : IDisposable
{
    private const int MiB = 1024 * 1024;

    private readonly string _folder = Directory.CreateTempSubdirectory("wspumps-files-").FullName;

    private string[] Arguments => ["--Folder", _folder];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task File_SentAndFetched_IsTheSame()
    {
        await using var files = await SampleProcess.StartAsync("Files", arguments: Arguments);
        using var socket = await OpenAsync(files);
        var content = RandomNumberGenerator.GetBytes(16 * MiB);

        await SendAsync(socket, "put report.bin");
        await SendAsync(socket, content, WebSocketMessageType.Binary, isEnd: true);
        (await ReceiveJsonAsync(socket, "stored"))["length"]!.GetValue<long>().Should().Be(content.Length);
        (await File.ReadAllBytesAsync(Path.Combine(_folder, "report.bin"))).Should().Equal(content);

        await SendAsync(socket, "get report.bin");
        (await ReceiveJsonAsync(socket, "file"))["length"]!.GetValue<long>().Should().Be(content.Length);
        (await ReceiveAsync(socket, content.Length)).Should().Equal(content);
    }

    [Fact]
    public async Task File_ThatDoesNotComeWhole_LeavesNothing()
    {
        await using var files = await SampleProcess.StartAsync("Files", arguments: Arguments);
        using (var socket = await OpenAsync(files))
        {
            await SendAsync(socket, "put half.bin");
            await SendAsync(socket, new byte[MiB], WebSocketMessageType.Binary, isEnd: false);
            await UntilAsync(() => Directory.EnumerateFiles(_folder).Any());
            socket.Abort();
        }

        await UntilAsync(() => !Directory.EnumerateFiles(_folder).Any());
    }

    [Theory]
    [InlineData("get ../Files.csproj")]
    [InlineData("get missing.txt")]
    [InlineData("put ../evil.txt")]
    [InlineData("put .hidden")]
    [InlineData("delete all")]
    public async Task Request_ForWhatIsNotThere_IsAnsweredWithAnError(string request)
    {
        await using var files = await SampleProcess.StartAsync("Files", arguments: Arguments);
        using var socket = await OpenAsync(files);

        await SendAsync(socket, request);

        (await ReceiveJsonAsync(socket, "error"))["error"]!.GetValue<string>().Should().Contain(request);
    }

    private static async Task<ClientWebSocket> OpenAsync(SampleProcess files)
    {
        var socket = new ClientWebSocket();
        await socket.ConnectAsync(new UriBuilder(new Uri(files.Address, "/files")) { Scheme = "ws" }.Uri, CancellationToken.None).InTime();
        return socket;
    }

    private static Task SendAsync(ClientWebSocket socket, string text) =>
        SendAsync(socket, System.Text.Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, isEnd: true);

    private static Task SendAsync(ClientWebSocket socket, byte[] payload, WebSocketMessageType type, bool isEnd) =>
        socket.SendAsync(payload, type, isEnd, CancellationToken.None).InTime();

    /// <summary>The next text that has this property.</summary>
    private static async Task<JsonNode> ReceiveJsonAsync(ClientWebSocket socket, string property)
    {
        while (true)
        {
            var message = JsonNode.Parse(await ReceiveAsync(socket, 64 * 1024))!;
            if (message[property] is not null)
                return message;
        }
    }

    private static async Task<byte[]> ReceiveAsync(ClientWebSocket socket, int maxLength)
    {
        var buffer = new byte[maxLength + 1];
        var length = 0;
        ValueWebSocketReceiveResult part;
        do
        {
            part = await socket.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None).InTime();
            length += part.Count;
        }
        while (!part.EndOfMessage);
        return buffer[..length];
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(Limit.Time);
        while (!condition())
            await Task.Delay(10, limit.Token);
    }
}
