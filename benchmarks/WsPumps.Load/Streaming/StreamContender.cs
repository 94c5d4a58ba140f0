using System.Net.WebSockets;

namespace WsPumps.Load.Streaming;

/// <summary>Sends and receives one large message at the server's end of a connection, with buffers of 64 KiB.</summary>
/// <param name="Name">For the report.</param>
/// <param name="SendAsync">Sends so many bytes.</param>
/// <param name="ReceiveAsync">Receives so many bytes of payload.</param>
internal sealed record StreamContender(string Name, Func<StreamConnection, long, Task> SendAsync, Func<StreamConnection, long, Task> ReceiveAsync)
{
    private const int BufferSize = 64 * 1024;

    private static readonly WebSocketCreationOptions Runtimes = new() { IsServer = true, KeepAliveInterval = TimeSpan.Zero };

    /// <summary>No frames at all: what the stream itself costs.</summary>
    public static readonly StreamContender BareLoop = new("bare loop",
        async (connection, bytes) =>
        {
            var buffer = new byte[BufferSize];
            for (var left = bytes; left > 0; left -= BufferSize)
                await connection.Server.WriteAsync(buffer);
        },
        async (connection, bytes) =>
        {
            var buffer = new byte[BufferSize];
            for (var left = StreamPeer.OnTheWire(bytes); left > 0;)
                left -= await connection.Server.ReadAsync(buffer);
        });

    public static readonly StreamContender Runtime = new("runtime",
        async (connection, bytes) =>
        {
            using var socket = WebSocket.CreateFromStream(connection.Server, Runtimes);
            var buffer = new byte[BufferSize];
            for (var left = bytes; left > 0; left -= BufferSize)
                await socket.SendAsync(buffer, WebSocketMessageType.Binary, left <= BufferSize, CancellationToken.None);
            await connection.PeerWork;
        },
        async (connection, _) =>
        {
            using var socket = WebSocket.CreateFromStream(connection.Server, Runtimes);
            var buffer = new byte[BufferSize];
            while (!(await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None)).EndOfMessage)
            {
                // What comes is forgotten.
            }
        });

    public static readonly StreamContender Ours = new("wspumps",
        async (connection, bytes) =>
        {
            var (client, pumps) = Start(connection, new ClientSettings());
            var buffer = new byte[BufferSize];
            await using (var message = await client.OpenMessageAsync(WebSocketMessageType.Binary))
            {
                for (var left = bytes; left > 0; left -= BufferSize)
                    await message.WriteAsync(buffer);
                await message.CompleteAsync();
            }

            await connection.PeerWork;
            client.Abort();
            await pumps;
        },
        async (connection, _) =>
        {
            var received = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var (client, pumps) = Start(connection, new ClientSettings
            {
                Options = new ClientOptions { MaxStreamSize = 1L << 40 },
                OnMessageStream = async (_, message, cancellationToken) =>
                {
                    var buffer = new byte[BufferSize];
                    while (await message.Stream.ReadAsync(buffer, cancellationToken) > 0)
                    {
                        // What comes is forgotten.
                    }

                    received.SetResult();
                },
            });
            await received.Task;
            client.Abort();
            await pumps;
        });

    private static (WsPumps.Client Client, Task Pumps) Start(StreamConnection connection, ClientSettings settings)
    {
        // The server's streams flush by themselves.
        var options = new StreamWebSocketOptions { NeedsFlush = false, Abort = connection.EndServer };
        var client = new WsPumps.Client(new StreamWebSocket(connection.Server, options), settings);
        return (client, Task.WhenAll(client.WritePumpAsync(_ => { }, TimeSpan.Zero, default), client.ReadPumpAsync(_ => { }, [], default)));
    }
}
