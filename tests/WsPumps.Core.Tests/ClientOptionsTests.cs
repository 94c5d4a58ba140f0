namespace WsPumps.Core.Tests;

public class ClientOptionsTests
{
    public static TheoryData<Action<ClientOptions>, string> Broken => new()
    {
        { options => options.MaxMessageSize = 0, "MaxMessageSize is 0; it must be between 1 and 1073741824." },
        { options => options.MaxQueuedMessages = 0, "MaxQueuedMessages is 0; it must be between 1 and 1048576." },
        { options => options.MaxInboundMessages = -1, "MaxInboundMessages is -1; it must be between 1 and 65536." },
        { options => options.PingInterval = TimeSpan.FromMilliseconds(5), "PingInterval is 00:00:00.0050000; it must be between 00:00:01 and 1.00:00:00." },
        { options => options.PongTimeout = TimeSpan.Zero, "PongTimeout is 00:00:00; it must be between 00:00:01 and 1.00:00:00." },
        { options => options.WriteTimeout = Timeout.InfiniteTimeSpan, "WriteTimeout is *; it must be between *" },
        { options => options.CloseTimeout = TimeSpan.FromDays(2), "CloseTimeout is 2.00:00:00; it must be between *" },
        { options => options.MaxSocketBytes = 100, "MaxSocketBytes is 100; it must be between 1024 and 1073741824." },
        { options => options.MaxQueuedBytes = 100, "MaxQueuedBytes (100) is less than MaxMessageSize (65536)*" },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public void Validate_BrokenRule_NamesOptionsAndValues(Action<ClientOptions> breakRule, string expected)
    {
        var options = new ClientOptions();
        breakRule(options);

        options.Validate().Should().ContainSingle().Which.Should().Match(expected);
    }

    [Fact]
    public void Validate_Defaults_AreValid()
    {
        new ClientOptions().Validate().Should().BeEmpty();
    }

    [Fact]
    public void Validate_NoPings_IsValid()
    {
        new ClientOptions { PingInterval = TimeSpan.Zero }.Validate().Should().BeEmpty();
    }

    [Theory]
    [InlineData(1024, 1024 * 1024)]
    [InlineData(64 * 1024 * 1024, 64 * 1024 * 1024)]
    public void MaxQueuedBytes_NotSet_FitsTheLargestMessage(int maxMessageSize, long expected)
    {
        new ClientOptions { MaxMessageSize = maxMessageSize }.EffectiveMaxQueuedBytes.Should().Be(expected);
    }
}
