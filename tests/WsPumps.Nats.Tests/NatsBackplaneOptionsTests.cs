namespace WsPumps.Nats.Tests;

public sealed class NatsBackplaneOptionsTests
{
    [Fact]
    public void Url_Missing_IsNamed()
    {
        var make = () => NatsBackplaneTests.EngineOf(" ");

        make.Should().Throw<ArgumentException>().WithMessage("*Url*must name a server*");
    }
}
