using WsPumps.Outbound;

namespace WsPumps.Core.Tests.Outbound;

/// <summary>The queue against a list: the same random writes, reads, waits, cancellations and closes on both, compared after each.</summary>
public class OutboundQueueModelTests
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
        private readonly OutboundQueue _queue;
        private readonly TestPump _pump;
        private readonly string _because;
        private readonly List<Item> _model = [];
        private readonly List<Waiting> _waiting = [];
        private bool _closed;
        private int _next;
        private int _dropped;
        private int _discarded;
        private int _accepted;

        public Run(int seed)
        {
            _random = new Random(seed);
            _maxMessages = _random.Next(1, 9);
            _maxBytes = _random.Next(4, 60);
            _policy = (SlowClientPolicy)_random.Next(4);
            _because = $"seed {seed}, {_maxMessages} messages, {_maxBytes} bytes, {_policy}";
            _queue = Queues.Create(_maxMessages, _maxBytes, _policy);
            _pump = new TestPump(_queue);
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

            var counters = _queue.Counters();
            var waiting = _waiting.Where(waiting => !waiting.Cancelled).ToList();
            (counters.QueuedMessages, counters.QueuedBytes, counters.WaitingMessages, counters.MessagesDropped).Should().Be(
                (_model.Count + waiting.Count, Bytes + waiting.Sum(waiting => waiting.Item.Message.Length), waiting.Count, _dropped), _because);
            (counters.MessagesSent + counters.MessagesUnsent + counters.MessagesDropped + counters.QueuedMessages - counters.WaitingMessages).Should().Be(_accepted, _because);
        }

        public async Task EndAsync()
        {
            await CloseAsync();
            while (_model.Count > 0)
                await ReadAsync();

            _pump.Read().Should().BeEmpty(_because);
            _pump.End.Should().Be(TurnEnd.WasLast, _because);
            _queue.Counters().MessagesUnsent.Should().Be(_discarded, _because);
        }

        private Item NewItem()
        {
            var message = PreparedMessage.Binary(new byte[_random.Next(0, _maxBytes + 3)]);
            var key = _random.Next(3) == 0 ? $"key {_random.Next(3)}" : null;
            // Without options a message may take the short way in.
            return new Item(_next++, key is null && _random.Next(2) == 0 ? message : message.With(new MessageOptions { ConflationKey = key }), key);
        }

        private bool Fits(Item item) => Replaced(item) is var same and >= 0
            ? Bytes - _model[same].Message.Length + item.Message.Length <= _maxBytes
            : _model.Count < _maxMessages && Bytes + item.Message.Length <= _maxBytes;

        /// <summary>A quarter is reserved for those who cannot wait.</summary>
        private bool FitsWaiting(Item item) => _model.Count == 0
            || (_model.Count < _maxMessages - (_maxMessages / 4) && Bytes + item.Message.Length <= _maxBytes - (_maxBytes / 4));

        private async Task TryWriteAsync()
        {
            var item = NewItem();

            var result = _queue.Write(item.Message);

            result.Should().Be(ModelTryWrite(item), _because);
            await AdmitAsync();
        }

        private WriteResult ModelTryWrite(Item item)
        {
            if (_closed)
                return WriteResult.Closed;
            if (item.Message.Length > _maxBytes)
                return WriteResult.TooLarge;

            // The newest values of keys give way to nothing.
            while (!Fits(item) && _policy is SlowClientPolicy.DropOldest or SlowClientPolicy.Conflate && _model.FindIndex(queued => !IsKeyed(queued)) is var oldest and >= 0)
            {
                _model.RemoveAt(oldest);
                _dropped++;
            }

            if (!Fits(item))
            {
                _dropped += _policy is SlowClientPolicy.Disconnect ? 0 : 1;
                _accepted += _policy is SlowClientPolicy.Disconnect ? 0 : 1;
                return WriteResult.Dropped;
            }

            Accept(item);
            return WriteResult.Queued;
        }

        private bool IsKeyed(Item item) => _policy is SlowClientPolicy.Conflate && item.Key is not null;

        private int Replaced(Item item) => IsKeyed(item) ? _model.FindIndex(queued => queued.Key == item.Key) : -1;

        private void Accept(Item item)
        {
            _accepted++;
            if (Replaced(item) is var same and >= 0)
            {
                _model[same] = item;
                _dropped++;
            }
            else
            {
                _model.Add(item);
            }
        }

        private async Task WriteAsync()
        {
            var item = NewItem();
            if (item.Message.Length > _maxBytes)
            {
                await FluentActions.Awaiting(() => _queue.WriteAsync(item.Message, default).AsTask()).Should().ThrowAsync<ArgumentException>();
                return;
            }

            var cancellation = new CancellationTokenSource();
            var writing = _queue.WriteAsync(item.Message, cancellation.Token).AsTask();
            await AdmitAsync();
            if (_closed)
            {
                (await writing.InTime()).Should().Be(WriteResult.Closed, _because);
            }
            else if (Replaced(item) >= 0 ? Fits(item) : FitsWaiting(item) && _waiting.TrueForAll(waiting => waiting.Cancelled))
            {
                (await writing.InTime()).Should().Be(WriteResult.Queued, _because);
                Accept(item);
            }
            else if (_waiting.Where(waiting => !waiting.Cancelled).Sum(waiting => waiting.Item.Message.Length) + item.Message.Length > 4 * _maxBytes)
            {
                (await writing.InTime()).Should().Be(WriteResult.Dropped, _because);
                _dropped += _policy is SlowClientPolicy.Disconnect ? 0 : 1;
                _accepted += _policy is SlowClientPolicy.Disconnect ? 0 : 1;
            }
            else
            {
                writing.IsCompleted.Should().BeFalse(_because);
                _waiting.Add(new Waiting(item, writing, cancellation));
            }

            await AdmitAsync();
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
            var batch = _pump.Read();

            batch.Should().Equal(_model.Select(item => item.Message), _because);
            _model.Clear();
            await AdmitAsync();
        }

        private async Task AdmitAsync()
        {
            while (_waiting.Count > 0 && (_waiting[0].Cancelled || FitsWaiting(_waiting[0].Item)))
            {
                var admitted = _waiting[0];
                _waiting.RemoveAt(0);
                if (admitted.Cancelled)
                    continue;

                (await admitted.Writing.InTime()).Should().Be(WriteResult.Queued, _because);
                Accept(admitted.Item);
            }
        }

        private async Task CloseAsync()
        {
            var discard = _random.Next(2) == 0;
            _queue.Complete(discard);
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
