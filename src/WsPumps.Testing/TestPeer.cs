using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using WsPumps.Testing.Frames;
using WsPumps.Testing.Peers;

namespace WsPumps.Testing;

/// <summary>
/// The other end of a connection, under the control of a test: it sends whatever the test wants, valid or not, and checks every byte that
/// comes back.
/// </summary>
/// <remarks>
/// It reads all the time, unless <see cref="TestLink.StallReads"/>, and answers pings and closes as a good peer does, unless told
/// otherwise. All members may be called from any thread. An expectation that can no longer be met fails at once; any other fails after
/// <see cref="PeerOptions.RealTimeLimit"/>.
/// </remarks>
public sealed partial class TestPeer : IAsyncDisposable
{
    private readonly PeerInbox _inbox;
    private readonly VirtualTime _time;
    private readonly SemaphoreSlim _sending = new(1);
    private readonly string _name;
    private readonly Func<IClient?> _client;
    private readonly TimeSpan _limit;
    private bool _finished;

    internal TestPeer(TestLink link, VirtualTime time, PeerOptions options, string name, string? subProtocol, PeerInbox inbox,
        Func<IClient?> client)
    {
        (Link, _time, _name, SubProtocol, _inbox, _client) = (link, time, name, subProtocol, inbox, client);
        (AnswersPings, AnswersCloses, _limit) = (options.AnswersPings, options.AnswersCloses, options.RealTimeLimit);
        inbox.Hints = Hints;
        link.Happened = inbox.Note;
    }

    /// <summary>The connection, to set faults on it.</summary>
    public TestLink Link { get; }

    /// <summary>The subprotocol that the handshake agreed on; null for none.</summary>
    public string? SubProtocol { get; }

    /// <summary>Whether the handshake agreed on compression, see <see cref="PeerOptions.OffersCompression"/>.</summary>
    public bool Compresses { get; internal init; }

    /// <summary>Whether the peer answers pings.</summary>
    public bool AnswersPings { get; set; }

    /// <summary>Whether the peer answers the server's close frame.</summary>
    public bool AnswersCloses { get; set; }

    /// <summary>The server's end of this connection, as the endpoint made it.</summary>
    /// <exception cref="PumpsTestException">The endpoint does not belong to WsPumps, or created no client.</exception>
    public IClient Client => _client() ?? throw _inbox.Failure("a client of WsPumps on the server, and there is none");

    /// <summary>
    /// Everything that has happened on the connection, each event with its virtual time. The same seed gives the same events.
    /// </summary>
    public IReadOnlyList<string> Events => _inbox.Events;

    /// <summary>Sends a text message.</summary>
    public Task SendAsync(string text) => SendAsync(WireOpcode.Text, Encoding.UTF8.GetBytes(text), $"text '{Short(text)}'");

    /// <summary>Sends a binary message.</summary>
    public Task SendAsync(ReadOnlyMemory<byte> payload) => SendAsync(WireOpcode.Binary, payload, $"binary of {payload.Length} bytes");

    /// <summary>Sends a value as JSON, in a text message.</summary>
    public Task SendJsonAsync<T>(T value, JsonTypeInfo<T> typeInfo) => SendAsync(JsonSerializer.Serialize(value, typeInfo));

    /// <summary>Sends a value as JSON, in a text message.</summary>
    public Task SendJsonAsync<T>(T value, JsonSerializerOptions? options = null) =>
        SendAsync(JsonSerializer.Serialize(value, options ?? JsonSerializerOptions.Web));

    /// <summary>Sends one message in fragments. They are not compressed.</summary>
    public async Task SendFragmentsAsync(WebSocketMessageType type, params ReadOnlyMemory<byte>[] fragments)
    {
        for (var i = 0; i < fragments.Length; i++)
        {
            var opcode = i > 0 ? WireOpcode.Continuation : type is WebSocketMessageType.Text ? WireOpcode.Text : WireOpcode.Binary;
            await SendRawAsync(ClientFrame.Build(opcode, fragments[i].Span, fin: i == fragments.Length - 1),
                $"fragment {i + 1} of {fragments.Length}").ConfigureAwait(false);
        }
    }

    /// <summary>Sends a ping.</summary>
    public Task PingAsync(ReadOnlyMemory<byte> payload = default) => SendAsync(WireOpcode.Ping, payload, "ping");

    /// <summary>Sends a pong that was not asked for, or an answer that the peer does not give by itself.</summary>
    public Task PongAsync(ReadOnlyMemory<byte> payload = default) => SendAsync(WireOpcode.Pong, payload, "pong");

    /// <summary>Sends one frame, valid or not (RFC 6455, section 5.2).</summary>
    /// <param name="opcode">0 to 15.</param>
    /// <param name="payload">The payload.</param>
    /// <param name="fin">Whether it is the last of its message.</param>
    /// <param name="reservedBits">RSV1 to RSV3 as 4, 2, 1.</param>
    /// <param name="masked">Whether it is masked, as frames of a client must be (RFC 6455, section 5.1).</param>
    public Task SendFrameAsync(int opcode, ReadOnlyMemory<byte> payload, bool fin = true, int reservedBits = 0, bool masked = true) =>
        SendRawAsync(ClientFrame.Build((WireOpcode)opcode, payload.Span, fin, reservedBits, masked ? 0x37FA213D : null),
            $"frame with opcode {opcode}");

    /// <summary>Sends bytes as they are.</summary>
    public Task SendRawAsync(ReadOnlyMemory<byte> bytes) => SendRawAsync(bytes, $"{bytes.Length} raw bytes");

    /// <summary>Sends a close frame, and does not wait for the answer.</summary>
    public Task SendCloseAsync(int? status = 1000, string reason = "") =>
        SendRawAsync(ClientFrame.Close(status, reason), $"close {status} '{reason}'");

    /// <summary>Closes the connection and waits for its end.</summary>
    /// <returns>How the server answered.</returns>
    public async Task<PeerEnd> CloseAsync(int? status = 1000, string reason = "")
    {
        await SendCloseAsync(status, reason).ConfigureAwait(false);
        return await ExpectEndAsync().ConfigureAwait(false);
    }

    /// <summary>Resets the connection if it is still open.</summary>
    public ValueTask DisposeAsync()
    {
        if (_inbox.End is null)
            Link.Reset();
        return default;
    }

    /// <summary>The name of the peer and what it is connected to, for messages of failed tests.</summary>
    public override string ToString() => _name;

    private Task SendAsync(WireOpcode opcode, ReadOnlyMemory<byte> payload, string what) =>
        Compresses && opcode is (WireOpcode.Text or WireOpcode.Binary)
            ? SendRawAsync(ClientFrame.Build(opcode, MessageDeflate.Compress(payload.Span), reservedBits: MessageDeflate.Rsv1), what)
            : SendRawAsync(ClientFrame.Build(opcode, payload.Span), what);

    private async Task SendRawAsync(ReadOnlyMemory<byte> bytes, string what)
    {
        if (_inbox.End is not null)
            throw _inbox.Telling($"could not send {what}: the connection has ended");

        using var late = new CancellationTokenSource(_limit, TimeProvider.System);
        try
        {
            await _sending.WaitAsync(late.Token).ConfigureAwait(false);
            try
            {
                if (_finished || Link.HasHalfClosed)
                    throw SentLastByte(what);

                _inbox.Note($"sent {what}");
                await Link.ToServer.Writer.WriteAsync(bytes, late.Token).ConfigureAwait(false);
            }
            finally
            {
                _sending.Release();
            }
        }
        catch (OperationCanceledException)
        {
            throw _inbox.Telling($"could not send {what}: the server has not read for {_limit} of real time");
        }
        catch (InvalidOperationException)
        {
            throw SentLastByte(what);
        }
    }

    private PumpsTestException SentLastByte(string what) =>
        _inbox.Telling($"could not send {what}: the peer has sent its last byte already");

    private static string Short(string text) => text.Length <= 100 ? text : $"{text[..100]}…";
}
