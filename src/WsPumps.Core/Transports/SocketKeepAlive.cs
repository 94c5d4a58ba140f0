using WsPumps.Framing;

namespace WsPumps.Transports;

/// <summary>The pings of a <see cref="StreamWebSocket"/> that is used by itself. Any byte of the peer counts as life.</summary>
internal sealed class SocketKeepAlive : IDisposable
{
    private readonly StreamWebSocket _socket;
    private readonly StreamWebSocketOptions _options;
    private readonly TimeSpan _period;
    private readonly ITimer _timer;
    private long _lifeAt;
    private long _pingedAt;
    private long _lookedAt;
    private volatile bool _isReceiving;

    public SocketKeepAlive(StreamWebSocket socket, StreamWebSocketOptions options)
    {
        (_socket, _options) = (socket, options);
        _lifeAt = _lookedAt = options.TimeProvider.GetTimestamp();
        _period = (options.KeepAliveInterval < options.KeepAliveTimeout ? options.KeepAliveInterval : options.KeepAliveTimeout) / 4;
        _timer = options.TimeProvider.CreateTimer(static keepAlive => ((SocketKeepAlive)keepAlive!).Look(), this, _period, _period);
    }

    /// <summary>A peer is not charged for time in which nobody receives.</summary>
    public bool IsReceiving
    {
        set
        {
            Life();
            _isReceiving = value;
        }
    }

    public void Life() => Volatile.Write(ref _lifeAt, _options.TimeProvider.GetTimestamp());

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        var time = _options.TimeProvider;
        var now = time.GetTimestamp();
        // After a pause of the process the peer's answer may wait in the kernel: its time begins anew.
        var isLate = time.GetElapsedTime(_lookedAt, now) > 2 * _period;
        _lookedAt = now;
        if (!_isReceiving)
        {
            Life();
            return;
        }

        var lifeAt = Volatile.Read(ref _lifeAt);
        if (_pingedAt != 0 && _pingedAt > lifeAt)
        {
            if (isLate)
                _pingedAt = now;
            else if (time.GetElapsedTime(_pingedAt, now) >= _options.KeepAliveTimeout)
                _socket.Abort();
        }
        else if (time.GetElapsedTime(lifeAt, now) >= _options.KeepAliveInterval)
        {
            _pingedAt = now;
            _ = _socket.SendControlAsync(Opcode.Ping, []);
        }
    }
}
