using StackExchange.Redis;

namespace WsPumps.Redis.Tests;

public sealed class RedisFailureTests
{
    [Fact]
    public void TextOf_AddressWithoutPort_NamesThePortThatIsUsed()
    {
        RedisFailure.TextOf(new TimeoutException(), new RedisBackplaneOptions { Configuration = "redis.internal" })
            .Should().Be("no answer from redis.internal:6379 in time");
    }

    [Fact]
    public void TextOf_OtherFailure_SaysWhatItSaysOfItself()
    {
        RedisFailure.TextOf(new RedisServerException("LOADING Redis is loading."), new RedisBackplaneOptions())
            .Should().Be("127.0.0.1:6379: LOADING Redis is loading");
    }

    [Fact]
    public void TextOf_ConnectionFailureWithACause_NamesTheCause()
    {
        var failure = new RedisConnectionException(ConnectionFailureType.SocketFailure, "long.", new IOException("Connection reset by peer"));

        RedisFailure.TextOf(failure, new RedisBackplaneOptions()).Should().Be("no connection to 127.0.0.1:6379 (SocketFailure: Connection reset by peer)");
    }
}
