using WsPumps.Framing;
using WsPumps.Outbound;

namespace WsPumps.Core.Tests.Outbound;

public sealed class OutboundChannelModelTests
{
    private const int MaxMessages = 6;
    private const int MaxBytes = 200;
    private const int Seeds = 2000;
    private const int Steps = 120;

    [Fact]
    public async Task Channel_UsedAtRandom_BehavesAsTheModel()
    {
        for (var seed = 0; seed < Seeds; seed++)
        {
            try
            {
                await new Run(new Random(seed)).RunAsync();
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"Seed {seed}.", exception);
            }
        }
    }

    private sealed class Run(Random random)
    {
        private readonly OutboundChannel _channel = new(MaxMessages, MaxBytes);
        private readonly ChannelModel _model = new(MaxMessages, MaxBytes);
        private readonly Dictionary<PreparedMessage, (Task<WriteResult> Write, CancellationTokenSource Cancel)> _waiting = [];
        private readonly PreparedMessage[] _batch = new PreparedMessage[8];

        public async Task RunAsync()
        {
            for (var step = 0; step < Steps; step++)
            {
                Step();
                _channel.Count.Should().Be(_model.Count);
                _channel.Discarded.Should().Be(_model.Discarded);
                await CompareWaitingAsync();
            }
        }

        private void Step()
        {
            switch (random.Next(200))
            {
                case < 50:
                    var tried = Message();
                    _channel.TryWrite(tried).Should().Be(_model.TryWrite(tried));
                    break;

                case < 110:
                    Write();
                    break;

                case < 130 when _waiting.Count > 0:
                    var (message, (_, cancel)) = _waiting.ElementAt(random.Next(_waiting.Count));
                    cancel.Cancel();
                    _model.Cancel(message);
                    break;

                case < 140:
                    var pong = PreparedMessage.Control(Opcode.Pong, []);
                    _channel.WritePong(pong);
                    _model.WritePong(pong);
                    break;

                case < 150:
                    var ping = PreparedMessage.Control(Opcode.Ping, []);
                    _channel.WritePing(ping);
                    _model.WritePing(ping);
                    break;

                case < 199:
                    Read();
                    break;

                default:
                    var discard = random.Next(2) == 0;
                    _channel.Complete(discard);
                    _model.Complete(discard);
                    break;
            }
        }

        private void Write()
        {
            var message = PreparedMessage.Binary(new byte[random.Next(MaxBytes + 1)]);
            var cancel = new CancellationTokenSource();
            var write = _channel.WriteAsync(message, cancel.Token).AsTask();
            var expected = _model.Write(message);
            write.IsCompleted.Should().Be(expected is not null);
            if (expected is not null)
                write.Result.Should().Be(expected);
            else
                _waiting.Add(message, (write, cancel));
        }

        private void Read()
        {
            var (maxCount, maxBytes) = (random.Next(2, _batch.Length + 1), random.Next(1, 2 * MaxBytes));
            var count = _channel.Read(_batch.AsSpan(0, maxCount), maxBytes);
            _batch.Take(count).Should().Equal(_model.Read(maxCount, maxBytes));
        }

        private async Task CompareWaitingAsync()
        {
            foreach (var (message, (write, _)) in _waiting.ToList())
            {
                if (!_model.Outcomes.TryGetValue(message, out var outcome))
                {
                    write.IsCompleted.Should().BeFalse();
                    continue;
                }

                _waiting.Remove(message);
                if (outcome is null)
                    await write.Awaiting(task => task.InTime()).Should().ThrowAsync<OperationCanceledException>();
                else
                    (await write.InTime()).Should().Be(outcome);
            }
        }

        private PreparedMessage Message() => PreparedMessage.Binary(new byte[random.Next(20) == 0 ? MaxBytes + 1 : random.Next(80)]);
    }
}
