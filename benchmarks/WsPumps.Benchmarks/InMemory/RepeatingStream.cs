using System.Threading.Tasks.Sources;

namespace WsPumps.Benchmarks.InMemory;

/// <summary>A peer that sends the same bytes again and again, as many as it is told to, and takes nothing in return.</summary>
public sealed class RepeatingStream(byte[] content) : StubStream, IValueTaskSource<int>
{
    private readonly Lock _lock = new();
    private ManualResetValueTaskSourceCore<int> _signal = new() { RunContinuationsAsynchronously = true };
    private Memory<byte> _buffer;
    private bool _isWaiting;
    private long _left;
    private int _position;

    /// <summary>Sends the content so many times more.</summary>
    public void Send(int times)
    {
        int length;
        lock (_lock)
        {
            _left += (long)times * content.Length;
            if (!_isWaiting)
                return;

            _isWaiting = false;
            length = Fill(_buffer.Span);
        }

        _signal.SetResult(length);
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            if (_left > 0)
                return new ValueTask<int>(Fill(buffer.Span));

            (_buffer, _isWaiting) = (buffer, true);
            _signal.Reset();
            return new ValueTask<int>(this, _signal.Version);
        }
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => default;

    private int Fill(Span<byte> buffer)
    {
        var length = 0;
        while (length < buffer.Length && _left > 0)
        {
            var part = (int)Math.Min(Math.Min(buffer.Length - length, content.Length - _position), _left);
            content.AsSpan(_position, part).CopyTo(buffer[length..]);
            (length, _left, _position) = (length + part, _left - part, (_position + part) % content.Length);
        }

        return length;
    }

    int IValueTaskSource<int>.GetResult(short token) => _signal.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => _signal.GetStatus(token);

    void IValueTaskSource<int>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _signal.OnCompleted(continuation, state, token, flags);
}
