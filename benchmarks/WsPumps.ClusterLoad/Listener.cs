using System.Diagnostics;
using System.Globalization;
using System.Net.WebSockets;
using System.Text;

namespace WsPumps.ClusterLoad;

/// <summary>A client that counts messages, and measures how old each is.</summary>
internal sealed class Listener : IDisposable
{
    private readonly ClientWebSocket _socket = new();
    private readonly List<double> _ages = [];
    private int _count;

    public int Count => Volatile.Read(ref _count);

    /// <summary>In milliseconds.</summary>
    public IReadOnlyList<double> Ages => _ages;

    public static async Task<Listener> StartAsync(string contender, Uri server)
    {
        var listener = new Listener();
        await listener._socket.ConnectAsync(new UriBuilder(server) { Scheme = "ws", Path = "/ws" }.Uri, CancellationToken.None);
        if (contender is Server.SignalR)
            await listener._socket.SendAsync(Encoding.UTF8.GetBytes("{\"protocol\":\"json\",\"version\":1}\u001e"), WebSocketMessageType.Text, true, CancellationToken.None);
        _ = listener.ReadAsync();
        return listener;
    }

    public void Reset()
    {
        _ages.Clear();
        Volatile.Write(ref _count, 0);
    }

    public void Dispose() => _socket.Dispose();

    private async Task ReadAsync()
    {
        var buffer = new byte[256 * 1024];
        var length = 0;
        try
        {
            while (true)
            {
                var received = await _socket.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None);
                length += received.Count;
                if (!received.EndOfMessage)
                    continue;

                Read(buffer.AsSpan(0, length));
                length = 0;
            }
        }
        catch (Exception exception) when (exception is WebSocketException or ObjectDisposedException)
        {
            // The measurement is over.
        }
    }

    /// <summary>SignalR puts several messages into one where it can.</summary>
    private void Read(ReadOnlySpan<byte> text)
    {
        for (int at; (at = text.IndexOf((byte)'@')) >= 0;)
        {
            text = text[(at + 1)..];
            var sentAt = long.Parse(text[..text.IndexOf((byte)';')], CultureInfo.InvariantCulture);
            _ages.Add(Stopwatch.GetElapsedTime(sentAt).TotalMilliseconds);
            Interlocked.Increment(ref _count);
        }
    }
}
