using Microsoft.Extensions.DependencyInjection;

namespace WsPumps.Redis.Tests;

public sealed class RedisBackplaneOptionsTests
{
    [Theory]
    [InlineData("", "Configuration*must name a server")]
    [InlineData("127.0.0.1:6379,nonsense=1", "Configuration*cannot be read")]
    public void Configuration_Bad_IsNamed(string configuration, string message)
    {
        var make = () => Engines.Of(configuration);

        make.Should().Throw<ArgumentException>().WithMessage($"*{message}*");
    }

    [Fact]
    public void Backoff_AboveTheMost_IsNamed()
    {
        var make = () => Engines.Of("127.0.0.1", options => options.MaxBackoff = TimeSpan.FromMilliseconds(1));

        make.Should().Throw<ArgumentException>().WithMessage("*MaxBackoff*MinBackoff*");
    }

    [Fact]
    public void AddRedis_Twice_IsAnError()
    {
        var builder = new ServiceCollection().AddWebSocketPumps().AddRedis("127.0.0.1");

        var again = () => builder.AddRedis("127.0.0.1");

        again.Should().Throw<InvalidOperationException>().WithMessage("*an engine already*");
    }
}
