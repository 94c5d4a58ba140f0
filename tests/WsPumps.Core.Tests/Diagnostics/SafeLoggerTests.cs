using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using WsPumps.Diagnostics;

namespace WsPumps.Core.Tests.Diagnostics;

public sealed class SafeLoggerTests
{
    [Fact]
    public void Of_LoggerThatThrows_NothingIsThrown()
    {
        var logger = SafeLogger.Of(new ThrowingLogger());

        logger.IsEnabled(LogLevel.Error).Should().BeFalse();
        logger.BeginScope("scope").Should().BeNull();
        logger.Invoking(logger => logger.Log(LogLevel.Error, default, "state", null, (_, _) => "text")).Should().NotThrow();
    }

    [Fact]
    public void Of_NullOrSafe_WrapsNothing()
    {
        var safe = SafeLogger.Of(new LogRecorder());

        SafeLogger.Of(safe).Should().BeSameAs(safe);
        SafeLogger.Of(null).Should().BeSameAs(NullLogger.Instance);
    }
}
