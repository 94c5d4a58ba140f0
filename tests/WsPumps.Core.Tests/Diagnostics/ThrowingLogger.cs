using Microsoft.Extensions.Logging;

namespace WsPumps.Core.Tests.Diagnostics;

/// <summary>Throws with every call, as the framework's logger does when one of its providers does.</summary>
internal sealed class ThrowingLogger : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => throw new InvalidOperationException("The log is full.");

    public bool IsEnabled(LogLevel logLevel) => throw new InvalidOperationException("The log is full.");

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        throw new InvalidOperationException("The log is full.");
}
