using System.Net;
using Microsoft.AspNetCore.Http;
using WsPumps.Endpoints;

namespace WsPumps.Tests;

public sealed class ConnectionLimitTests
{
    [Fact]
    public void TryEnter_Full_RefusesUntilOneLeaves()
    {
        var limit = new ConnectionLimit(2);
        Enter(limit, out var first).Should().BeTrue();
        Enter(limit, out _).Should().BeTrue();
        Enter(limit, out _).Should().BeFalse();

        first!.Leave();
        first.Leave();

        limit.Count.Should().Be(1);
        Enter(limit, out _).Should().BeTrue();
        Enter(limit, out _).Should().BeFalse();
    }

    [Fact]
    public void TryEnter_Key_CountsEachByItself()
    {
        var limit = new ConnectionLimit(1, http => http.Request.Headers["Device"]);

        Enter(limit, out _, "a").Should().BeTrue();
        Enter(limit, out _, "b").Should().BeTrue();
        Enter(limit, out _, "a").Should().BeFalse();
        Enter(limit, out var uncounted).Should().BeTrue("what has no key is not counted");

        uncounted.Should().BeNull();
        limit.Count.Should().Be(2);
    }

    [Fact]
    public void TryEnter_CloseOldest_TheOldestIsReplacedOnceAndNeverMoreHoldAPlace()
    {
        var limit = new ConnectionLimit(2) { CloseOldest = true };
        var replaced = new List<int>();
        var places = new List<ConnectionPlace>();
        for (var i = 0; i < 4; i++)
        {
            var number = i;
            Enter(limit, out var place).Should().BeTrue();
            place!.Occupy(() => replaced.Add(number));
            places.Add(place);
        }

        replaced.Should().Equal(0, 1);
        limit.Count.Should().Be(2);

        places.ForEach(place => place.Leave());
        limit.Count.Should().Be(0);
    }

    [Fact]
    public void Occupy_ReplacedBefore_IsToldAtOnce()
    {
        var limit = new ConnectionLimit(1) { CloseOldest = true };
        Enter(limit, out var first);
        Enter(limit, out _);
        var told = 0;

        first!.Occupy(() => told++);

        told.Should().Be(1);
    }

    [Theory]
    [InlineData("10.0.0.1", "10.0.0.1", true)]
    [InlineData("10.0.0.1", "::ffff:10.0.0.1", true)]
    [InlineData("10.0.0.1", "10.0.0.2", false)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    public void PerAddress_SameHostOrNetwork_SharesThePlaces(string first, string second, bool shares)
    {
        var limit = ConnectionLimit.PerAddress(1);
        limit.TryEnter(From(first), out _).Should().BeTrue();

        limit.TryEnter(From(second), out _).Should().Be(!shares);
    }

    [Fact]
    public async Task TryEnter_ManyAtOnce_NeverMoreThanTheLimitAndNoneLeftBehind()
    {
        var limit = new ConnectionLimit(3, http => http.Request.Headers["Device"]);
        int inside = 0, most = 0;
        var lockForCounts = new Lock();

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 5_000; i++)
            {
                if (!Enter(limit, out var place, "a"))
                    continue;
                lock (lockForCounts)
                    most = Math.Max(most, ++inside);
                lock (lockForCounts)
                    inside--;
                place!.Leave();
            }
        }))).InTime();

        most.Should().BeInRange(1, 3);
        limit.Count.Should().Be(0);
    }

    [Fact]
    public void New_NoPlaceAtAll_Throws() => FluentActions.Invoking(() => new ConnectionLimit(0)).Should().Throw<ArgumentOutOfRangeException>();

    private static bool Enter(ConnectionLimit limit, out ConnectionPlace? place, string? device = null)
    {
        var http = new DefaultHttpContext();
        if (device is not null)
            http.Request.Headers["Device"] = device;
        return limit.TryEnter(http, out place);
    }

    private static DefaultHttpContext From(string address)
    {
        var http = new DefaultHttpContext();
        http.Connection.RemoteIpAddress = IPAddress.Parse(address);
        return http;
    }
}
