using NATS.Client.Core;

namespace WsPumps.Nats.Tests;

public sealed class NatsFailureTests
{
    [Theory]
    [InlineData("nats://127.0.0.1:4222", "127.0.0.1:4222")]
    [InlineData("127.0.0.1", "127.0.0.1:4222")]
    [InlineData("tls://token@nats.internal/, wss://ann:p@ss@[::1]:443/path", "nats.internal:4222, [::1]:443")]
    public void AddressesOf_Urls_AreHostAndPortAlone(string urls, string addresses)
    {
        NatsFailure.AddressesOf(urls).Should().Be(addresses);
    }

    [Fact]
    public void TextOf_FailureWithACause_NamesTheCause()
    {
        var failure = new NatsException("can not start to connect nats server: nats://ann:***@127.0.0.1", new IOException("Socket has been closed."));

        NatsFailure.TextOf(failure, "nats://ann:secret@127.0.0.1").Should().Be("no connection to 127.0.0.1:4222 (Socket has been closed)");
    }
}
