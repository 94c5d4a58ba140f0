using Microsoft.Extensions.Logging;

namespace WsPumps.Testing;

/// <summary>One event that was logged. It keeps no object of the event except the exception.</summary>
public sealed record LogRecord
{
    /// <summary>The category of the logger.</summary>
    public required string Category { get; init; }

    /// <summary>The level.</summary>
    public required LogLevel Level { get; init; }

    /// <summary>The number and the name of the event.</summary>
    public required EventId Id { get; init; }

    /// <summary>The text.</summary>
    public required string Message { get; init; }

    /// <summary>The exception; null for none.</summary>
    public Exception? Exception { get; init; }

    /// <summary>The name of the event; null for none.</summary>
    public string? EventName => Id.Name;

    /// <inheritdoc/>
    public override string ToString() => $"{Level} {Category} {Id.Id} {Id.Name}: " +
        $"{Message}{(Exception is null ? "" : $" ({Exception.GetType().Name}: {Exception.Message})")}";
}

/// <summary>
/// Keeps what is logged: as the logger of a single client, or, with <see cref="Provider"/>, of a whole application. Safe for concurrent
/// use.
/// </summary>
public sealed class LogRecorder : ILogger
{
    private readonly Lock _lock = new();
    private readonly List<LogRecord> _records = [];
    private readonly Dictionary<string, TaskCompletionSource<LogRecord>> _awaited = [];

    /// <summary>What is kept, by category and level.</summary>
    /// <value>Default: everything from <see cref="LogLevel.Debug"/> on.</value>
    public Func<string, LogLevel, bool> Wanted { get; init; } = static (_, level) => level >= LogLevel.Debug;

    /// <summary>How long <see cref="FirstAsync"/> waits, in real time.</summary>
    /// <value>Positive. Default: 15 seconds.</value>
    public TimeSpan RealTimeLimit { get; init; } = TestPeer.Limit;

    /// <summary>All that was logged, in order. A copy.</summary>
    public IReadOnlyList<LogRecord> Records
    {
        get
        {
            lock (_lock)
                return [.. _records];
        }
    }

    /// <summary>What WsPumps itself has logged, in order. A copy.</summary>
    public IReadOnlyList<LogRecord> OfPumps => [.. Records.Where(record => record.Category == "WsPumps")];

    /// <summary>The names of all events, in order. A copy.</summary>
    public IReadOnlyList<string?> EventNames => [.. Records.Select(record => record.EventName)];

    /// <summary>The texts of all events, in order. A copy.</summary>
    public IReadOnlyList<string> Messages => [.. Records.Select(record => record.Message)];

    /// <summary>The events with one name, such as <c>ConnectionEnded</c>, in order. A copy.</summary>
    public IReadOnlyList<LogRecord> Named(string eventName) => [.. Records.Where(record => record.Id.Name == eventName)];

    /// <summary>Returns the first event with that name: at once if it is there, otherwise when it comes.</summary>
    /// <exception cref="PumpsTestException">It has not come within <see cref="RealTimeLimit"/>.</exception>
    public async Task<LogRecord> FirstAsync(string eventName)
    {
        Task<LogRecord> first;
        lock (_lock)
            first = Awaited(eventName).Task;
        try
        {
            return await first.WaitAsync(RealTimeLimit, TimeProvider.System).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            var records = Records;
            throw new PumpsTestException(
                $"No event '{eventName}' was logged. The last of {records.Count} " +
                $"events:{Environment.NewLine}{string.Join(Environment.NewLine, records.TakeLast(10).Select(record => $"  {record}"))}");
        }
    }

    /// <summary>The provider to add to an application's logging, as in <c>builder.Logging.AddProvider(logs.Provider)</c>.</summary>
    public ILoggerProvider Provider => new LoggerProvider(this);

    bool ILogger.IsEnabled(LogLevel logLevel) => Wanted("WsPumps", logLevel);

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter) =>
        Add("WsPumps", logLevel, eventId, formatter(state, exception), exception);

    internal void Add(string category, LogLevel level, EventId id, string message, Exception? exception) =>
        Add(new LogRecord { Category = category, Level = level, Id = id, Message = message, Exception = exception });

    private void Add(LogRecord record)
    {
        if (!Wanted(record.Category, record.Level))
            return;

        lock (_lock)
        {
            _records.Add(record);
            if (record.Id.Name is { } name)
                Awaited(name).TrySetResult(record);
        }
    }

    private TaskCompletionSource<LogRecord> Awaited(string eventName)
    {
        if (!_awaited.TryGetValue(eventName, out var awaited))
            _awaited.Add(eventName, awaited = new TaskCompletionSource<LogRecord>(TaskCreationOptions.RunContinuationsAsynchronously));
        return awaited;
    }

    private sealed class LoggerProvider(LogRecorder recorder) : ILoggerProvider
    {
        public ILogger CreateLogger(string categoryName) => new Logger(recorder, categoryName);

        public void Dispose()
        {
        }
    }

    private sealed class Logger(LogRecorder recorder, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => recorder.Wanted(category, logLevel);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter) =>
            recorder.Add(category, logLevel, eventId, formatter(state, exception), exception);
    }
}
