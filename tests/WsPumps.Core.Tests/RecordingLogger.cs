using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace WsPumps.Core.Tests;

/// <summary>Keeps the names of the events that were logged, and the lines.</summary>
internal sealed class RecordingLogger : ILogger
{
    public ConcurrentQueue<string?> Events { get; } = [];

    public ConcurrentQueue<string> Lines { get; } = [];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        Events.Enqueue(eventId.Name);
        Lines.Enqueue(formatter(state, exception));
    }
}
