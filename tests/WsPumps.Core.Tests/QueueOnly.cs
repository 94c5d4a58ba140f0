using System.Text;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace WsPumps.Core.Tests;

/// <summary>
/// A client whose pumps have not started: what is written to it stays in its queue. When they start, the wire shows exactly
/// what was left in it.
/// </summary>
internal sealed class QueueOnly : IDisposable
{
    private readonly Wire _wire = new();
    private readonly StreamWebSocket _socket;

    public QueueOnly(Action<ClientOptions>? configure = null, TimeProvider? time = null, QueueBudget? budget = null, ILogger? logger = null)
    {
        var options = new ClientOptions { PingInterval = TimeSpan.Zero };
        configure?.Invoke(options);
        _socket = new StreamWebSocket(_wire, new StreamWebSocketOptions { Abort = _wire.End });
        Client = new Client(_socket, new ClientSettings { Options = options, TimeProvider = time, Logger = logger, Budget = budget });
        Client.Events.MessageDropped += dropped => Dropped.Add((Encoding.UTF8.GetString(dropped.Message.Payload.Span), dropped.Reason));
    }

    public Client Client { get; }

    public List<(string Text, DropReason Reason)> Dropped { get; } = [];

    public void Start()
    {
        _ = Client.WritePumpAsync(_ => { }, TimeSpan.Zero, default);
        _ = Client.ReadPumpAsync(_ => { }, [], default);
    }

    /// <summary>Starts the pumps over a wire that takes one message and then no more, so that what is written afterwards stays queued.</summary>
    public async Task StallAsync()
    {
        var stalled = _wire.Hold();
        Start();
        Client.Write("first");
        await stalled.InTime();
    }

    /// <summary>Starts the pumps and lets the queue drain.</summary>
    /// <returns>The messages in the order they were written to the wire.</returns>
    public async Task<List<string>> DrainAsync()
    {
        Start();
        (await Client.WaitForDrainAsync().InTime()).Should().BeTrue();
        return _wire.Texts();
    }

    public void Dispose() => _socket.Dispose();

    private sealed class Wire : AsyncStream
    {
        private readonly Channel<int> _ended = Channel.CreateUnbounded<int>();
        private readonly MemoryStream _written = new();
        private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private TaskCompletionSource? _held;

        public void End()
        {
            _ended.Writer.TryComplete();
            _released.TrySetResult();
        }

        /// <returns>Completes when a write has come to a halt.</returns>
        public Task Hold() => (_held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

        public List<string> Texts()
        {
            var bytes = _written.ToArray().AsSpan();
            var texts = new List<string>();
            while (!bytes.IsEmpty)
            {
                // Only short text frames are written here.
                texts.Add(Encoding.UTF8.GetString(bytes.Slice(2, bytes[1])));
                bytes = bytes[(2 + bytes[1])..];
            }

            return texts;
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            await _ended.Reader.WaitToReadAsync(cancellationToken) ? 1 : 0;

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            _written.Write(buffer.Span);
            if (_held is null)
                return default;

            _held.TrySetResult();
            return new ValueTask(_released.Task);
        }
    }
}
