using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace WsPumps.Tests;

internal sealed record LogEntry(string Category, LogLevel Level, string? EventName, string Message, Exception? Exception);

/// <summary>Keeps what is logged, as text: an entry holds no object that it speaks of.</summary>
internal sealed class RecordedLogs : ILoggerProvider
{
    private readonly ConcurrentQueue<LogEntry> _entries = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource<LogEntry>> _first = new();

    /// <summary>What the library itself logged.</summary>
    public IEnumerable<LogEntry> OfPumps => _entries.Where(entry => entry.Category == "WsPumps");

    public IEnumerable<LogEntry> Named(string eventName) => _entries.Where(entry => entry.EventName == eventName);

    /// <summary>The first entry of that name: at once when it is there, else when it comes.</summary>
    public Task<LogEntry> FirstAsync(string eventName) => First(eventName).Task.InTime();

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void Dispose()
    {
    }

    private void Add(LogEntry entry)
    {
        _entries.Enqueue(entry);
        if (entry.EventName is { } name)
            First(name).TrySetResult(entry);
    }

    private TaskCompletionSource<LogEntry> First(string eventName) =>
        _first.GetOrAdd(eventName, static _ => new TaskCompletionSource<LogEntry>(TaskCreationOptions.RunContinuationsAsynchronously));

    private sealed class Logger(RecordedLogs logs, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= (category == "WsPumps" ? LogLevel.Debug : LogLevel.Error);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                logs.Add(new LogEntry(category, logLevel, eventId.Name, formatter(state, exception), exception));
        }
    }
}
