using WsPumps.Outbound;

namespace WsPumps.Core.Tests.Outbound;

/// <summary>The channel against a list: the same random writes, reads, waits, cancellations and closes on both, compared after each.</summary>
public class OutboundChannelModelTests
{
    private const int Seeds = 2_000;
    private const int Steps = 120;

    [Fact]
    public async Task RandomUse_AnyPolicy_DoesWhatTheModelDoes()
    {
        for (var seed = 0; seed < Seeds; seed++)
        {
            var run = new Run(seed);
            for (var step = 0; step < Steps; step++)
                await run.StepAsync();
            await run.EndAsync();
        }
    }

    private sealed class Run
    {
        private readonly Random _random;
        private readonly int _maxMessages;
        private readonly int _maxBytes;
        private readonly SlowClientPolicy _policy;
        private readonly BoundedQueue _queue;
        private readonly OutboundChannel _channel;
        private readonly string _because;
        private readonly List<Item> _model = [];
        private readonly List<Waiting> _waiting = [];
        private bool _closed;
        private int _next;
        private int _dropped;
        private int _discarded;

        public Run(int seed)
        {
            _random = new Random(seed);
            _maxMessages = _random.Next(1, 9);
            _maxBytes = _random.Next(4, 60);
            _policy = (SlowClientPolicy)_random.Next(4);
            _because = $"seed {seed}, {_maxMessages} messages, {_maxBytes} bytes, {_policy}";
            (_channel, _queue) = Channels.Create(_maxMessages, _maxBytes, _policy);
        }

        private int Bytes => _model.Sum(item => item.Message.Length);

        public async Task StepAsync()
        {
            switch (_random.Next(20))
            {
                case < 10:
                    await TryWriteAsync();
                    break;
                case < 13:
                    await WriteAsync();
                    break;
                case < 14:
                    await CancelOneAsync();
                    break;
                case < 19:
                    await ReadAsync();
                    break;
                default:
                    if (_random.Next(10) == 0)
                        await CloseAsync();
                    break;
            }

            (_queue.Count, _queue.Bytes, _queue.Dropped).Should().Be((_model.Count, Bytes, _dropped), _because);
        }

        public async Task EndAsync()
        {
            await CloseAsync();
            while (_model.Count > 0)
                await ReadAsync();

            (await new WaitingReader(_channel).WaitAsync().InTime()).Should().BeFalse(_because);
            _queue.Discarded.Messages.Should().Be(_discarded, _because);
        }

        private Item NewItem()
        {
            var message = PreparedMessage.Binary(new byte[_random.Next(0, _maxBytes + 3)]);
            var key = _random.Next(3) == 0 ? $"key {_random.Next(3)}" : null;
            // Without options a message may take the short way in.
            return new Item(_next++, key is null && _random.Next(2) == 0 ? message : message.With(new MessageOptions { ConflationKey = key }), key);
        }

        private bool Fits(Item item) => _model.Count < _maxMessages && Bytes + item.Message.Length <= _maxBytes;

        private async Task TryWriteAsync()
        {
            var item = NewItem();

            var result = _channel.TryWrite(item.Message);

            await AdmitAsync();
            result.Should().Be(ModelTryWrite(item), _because);
        }

        private WriteResult ModelTryWrite(Item item)
        {
            if (_closed)
                return WriteResult.Closed;
            if (item.Message.Length > _maxBytes)
                return WriteResult.TooLarge;

            if (_policy is SlowClientPolicy.Conflate && item.Key is not null)
            {
                var same = _model.FindLastIndex(queued => queued.Key == item.Key);
                if (same >= 0 && Bytes - _model[same].Message.Length + item.Message.Length <= _maxBytes)
                {
                    _model[same] = item;
                    _dropped++;
                    return WriteResult.Queued;
                }
            }

            if (!Fits(item) || _waiting.Exists(waiting => !waiting.Cancelled))
            {
                if (_policy is SlowClientPolicy.Disconnect)
                    return WriteResult.Dropped;
                if (_policy is SlowClientPolicy.DropNewest)
                {
                    _dropped++;
                    return WriteResult.Dropped;
                }

                while (!Fits(item))
                {
                    _model.RemoveAt(0);
                    _dropped++;
                }
            }

            _model.Add(item);
            return WriteResult.Queued;
        }

        private async Task WriteAsync()
        {
            var item = NewItem();
            if (item.Message.Length > _maxBytes)
            {
                await FluentActions.Awaiting(() => _channel.WriteAsync(item.Message, default).AsTask()).Should().ThrowAsync<ArgumentException>();
                return;
            }

            var cancellation = new CancellationTokenSource();
            var writing = _channel.WriteAsync(item.Message, cancellation.Token).AsTask();
            await AdmitAsync();
            if (_closed)
            {
                (await writing.InTime()).Should().Be(WriteResult.Closed, _because);
            }
            else if (Fits(item) && _waiting.Count == 0)
            {
                (await writing.InTime()).Should().Be(WriteResult.Queued, _because);
                _model.Add(item);
            }
            else
            {
                writing.IsCompleted.Should().BeFalse(_because);
                _waiting.Add(new Waiting(item, writing, cancellation));
            }
        }

        private async Task CancelOneAsync()
        {
            if (_waiting.Find(waiting => !waiting.Cancelled) is not { } one)
                return;

            one.Cancelled = true;
            await one.Cancellation.CancelAsync();
            await FluentActions.Awaiting(() => one.Writing.InTime()).Should().ThrowAsync<OperationCanceledException>(_because);
            await AdmitAsync();
        }

        private async Task ReadAsync()
        {
            var batch = new PreparedMessage[_random.Next(1, 5)];

            var count = _channel.Read(batch, int.MaxValue);

            batch.Take(count).Should().Equal(_model.Take(batch.Length).Select(item => item.Message), _because);
            _model.RemoveRange(0, count);
            await AdmitAsync();
        }

        private async Task AdmitAsync()
        {
            while (_waiting.Count > 0 && (_waiting[0].Cancelled || Fits(_waiting[0].Item)))
            {
                var admitted = _waiting[0];
                _waiting.RemoveAt(0);
                if (admitted.Cancelled)
                    continue;

                (await admitted.Writing.InTime()).Should().Be(WriteResult.Queued, _because);
                _model.Add(admitted.Item);
            }
        }

        private async Task CloseAsync()
        {
            var discard = _random.Next(2) == 0;
            _channel.Complete(discard);
            _closed = true;
            foreach (var waiting in _waiting.Where(waiting => !waiting.Cancelled))
                (await waiting.Writing.InTime()).Should().Be(WriteResult.Closed, _because);
            _waiting.Clear();
            if (!discard)
                return;

            _discarded += _model.Count;
            _model.Clear();
        }
    }

    private sealed record Item(int Number, PreparedMessage Message, string? Key);

    private sealed record Waiting(Item Item, Task<WriteResult> Writing, CancellationTokenSource Cancellation)
    {
        public bool Cancelled { get; set; }
    }
}
