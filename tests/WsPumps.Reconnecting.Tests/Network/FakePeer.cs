using System.Net.WebSockets;
using System.Text;

namespace WsPumps.Reconnecting.Tests.Network;

/// <summary>The server's end of a connection in memory.</summary>
internal sealed class FakePeer(DuplexStream stream) : IDisposable
{
    private readonly StreamWebSocket _socket = new(stream, new StreamWebSocketOptions { CloseTimeout = TimeSpan.Zero });
    private readonly byte[] _buffer = new byte[256 * 1024];

    public WebSocketCloseStatus? CloseStatus => _socket.CloseStatus;

    public string? CloseReason => _socket.CloseStatusDescription;

    /// <returns>The next text; null when the other end has closed, or is gone.</returns>
    public async Task<string?> ReceiveAsync()
    {
        try
        {
            var length = 0;
            ValueWebSocketReceiveResult result;
            do
            {
                result = await _socket.ReceiveAsync(_buffer.AsMemory(length), CancellationToken.None).InTime();
                length += result.Count;
            }
            while (!result.EndOfMessage);
            return result.MessageType is WebSocketMessageType.Close ? null : Encoding.UTF8.GetString(_buffer, 0, length);
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException)
        {
            return null;
        }
    }

    public async Task<List<string>> ReceiveAsync(int count)
    {
        var texts = new List<string>();
        while (texts.Count < count && await ReceiveAsync() is { } text)
            texts.Add(text);
        return texts;
    }

    public Task SendAsync(string text) => _socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None).InTime();

    public async Task CloseAsync(WebSocketCloseStatus status, string reason = "")
    {
        try
        {
            await _socket.CloseOutputAsync(status, reason, CancellationToken.None).InTime();
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException)
        {
            // The client was faster: it is gone already.
        }
    }

    /// <summary>Answers a close of the client.</summary>
    public async Task<(WebSocketCloseStatus? Status, string? Reason)> AnswerCloseAsync()
    {
        (await ReceiveAsync()).Should().BeNull();
        await CloseAsync(CloseStatus ?? WebSocketCloseStatus.NormalClosure);
        return (CloseStatus, CloseReason);
    }

    /// <summary>The connection is gone, without a word.</summary>
    public void Cut() => stream.Reset();

    public void Dispose() => _socket.Dispose();
}
