using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace WsPumps.Diagnostics;

/// <summary>
/// A logger that never throws. The framework's passes on what one of its providers throws, and a log line must not decide how a connection
/// ends. Every logger that enters the library goes through <see cref="Of"/>.
/// </summary>
internal sealed class SafeLogger : ILogger
{
    private readonly ILogger _inner;

    private SafeLogger(ILogger inner) => _inner = inner;

    /// <returns>The logger itself where it is safe already; one that logs nothing for null.</returns>
    public static ILogger Of(ILogger? logger) => logger switch
    {
        null => NullLogger.Instance,
        SafeLogger or NullLogger => logger,
        _ => new SafeLogger(logger),
    };

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
    {
        try
        {
            return _inner.BeginScope(state);
        }
        catch (Exception)
        {
            return null;
        }
    }

    public bool IsEnabled(LogLevel logLevel)
    {
        try
        {
            return _inner.IsEnabled(logLevel);
        }
        catch (Exception)
        {
            return false;
        }
    }

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        try
        {
            _inner.Log(logLevel, eventId, state, exception, formatter);
        }
        catch (Exception)
        {
            // There is nobody left to tell: a second logger could throw as well.
        }
    }
}
