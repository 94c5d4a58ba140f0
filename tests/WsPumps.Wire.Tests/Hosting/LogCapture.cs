using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace WsPumps.Wire.Tests.Hosting;

/// <summary>Keeps every error, and the warnings of the library. Those of the server say that the machine is slow.</summary>
internal sealed class LogCapture : ILoggerProvider
{
    private readonly ConcurrentQueue<string> _entries = new();

    public IReadOnlyCollection<string> Entries => _entries;

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName == "WsPumps" ? LogLevel.Warning : LogLevel.Error);

    public void Dispose()
    {
    }

    private sealed class Logger(LogCapture capture, LogLevel minimum) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= minimum;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                capture._entries.Enqueue($"{logLevel} {eventId}: {formatter(state, exception)} {exception}");
        }
    }
}
