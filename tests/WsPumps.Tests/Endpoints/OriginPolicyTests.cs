using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using WsPumps.Endpoints;

namespace WsPumps.Tests.Endpoints;

public sealed class OriginPolicyTests
{
    [Theory]
    [InlineData("a.example", "https://a.example", true)]
    [InlineData("a.example", "http://a.example", true)]
    [InlineData("A.Example", "https://a.example", true)]
    [InlineData("a.example:443", "https://a.example", true)]
    [InlineData("a.example:8080", "http://a.example:8080", true)]
    [InlineData("[::1]", "http://[::1]", true)]
    [InlineData("[::1]:5000", "http://[::1]:5000", true)]
    [InlineData("[::1]:5000", "http://[::1]:5001", false)]
    [InlineData("[::1]:5000", "http://[::2]:5000", false)]
    [InlineData("xn--bcher-kva.example", "https://xn--bcher-kva.example", true)]
    [InlineData("a.example", "https://b.example", false)]
    [InlineData("a.example", "https://a.example.b.example", false)]
    [InlineData("a.example", "https://b.a.example", false)]
    [InlineData("a.example", "http://a.example:8080", false)]
    [InlineData("a.example:8080", "http://a.example", false)]
    [InlineData("a.example:8080", "http://a.example:8081", false)]
    [InlineData("a.example", "https://a.example@b.example", false)]
    [InlineData("a.example", "null", false)]
    [InlineData("a.example", "", false)]
    [InlineData("a.example", "a.example", false)]
    [InlineData("a.example", "//a.example", false)]
    [InlineData("a.example", "https://", false)]
    [InlineData("a.example", "https://a.example:port", false)]
    [InlineData("a.example", "https://a.example/", false)]
    [InlineData("a.example", "https://a.example/path", false)]
    [InlineData("a.example", "https://a.example?query", false)]
    [InlineData("a.example", "https://a.example#fragment", false)]
    [InlineData("a.example", "https://user@a.example", false)]
    [InlineData("", "https://a.example", false)]
    public void Allows_NothingConfigured_SameOriginOnly(string host, string origin, bool allowed) =>
        Policy().Allows(Request(host, origin)).Should().Be(allowed);

    [Theory]
    [InlineData("https://a.example", true)]
    [InlineData("https://a.example:443", true)]
    [InlineData("https://A.EXAMPLE", true)]
    [InlineData("https://b.example:8443", true)]
    [InlineData("http://c.example", true)]
    [InlineData("http://[::1]:8080", true)]
    [InlineData("chrome-extension://abcdefghijklmnop", true)]
    [InlineData("chrome-extension://ponmlkjihgfedcba", false)]
    [InlineData("http://a.example", false)]
    [InlineData("https://a.example:8443", false)]
    [InlineData("https://b.example", false)]
    [InlineData("https://c.example", false)]
    [InlineData("https://host.example", false)]
    [InlineData("https://a.example.evil.example", false)]
    [InlineData("null", false)]
    [InlineData("a.example", false)]
    public void Allows_ListConfigured_ExactlyThose(string origin, bool allowed)
    {
        string[] origins = ["https://a.example", "https://b.example:8443", "http://c.example:80", "http://[::1]:8080", "chrome-extension://abcdefghijklmnop"];

        Policy(origins).Allows(Request("host.example", origin)).Should().Be(allowed);
    }

    [Theory]
    [InlineData("https://anybody.example")]
    [InlineData("null")]
    [InlineData("no origin at all")]
    public void Allows_Star_EveryPage(string origin) => Policy("*").Allows(Request("a.example", origin)).Should().BeTrue();

    [Fact]
    public void Allows_NoOrigin_Always()
    {
        Policy().Allows(Request("a.example")).Should().BeTrue();
        Policy("https://b.example").Allows(Request("a.example")).Should().BeTrue();
    }

    [Fact]
    public void Allows_TwoOrigins_No() =>
        Policy().Allows(Request("a.example", "https://a.example", "https://b.example")).Should().BeFalse();

    [Theory]
    [InlineData("https://app.example.com", true)]
    [InlineData("https://a.b.example.com", true)]
    [InlineData("https://APP.Example.COM", true)]
    [InlineData("https://app.example.com:443", true)]
    [InlineData("http://app.example.org:8080", true)]
    [InlineData("https://example.com", false)]
    [InlineData("https://badexample.com", false)]
    [InlineData("https://app.example.com.evil.example", false)]
    [InlineData("https://app.example.com:8443", false)]
    [InlineData("http://app.example.com", false)]
    [InlineData("http://app.example.org", false)]
    [InlineData("https://*.example.com", false)]
    [InlineData("https://evil.example/.example.com", false)]
    [InlineData("https://evil.example#.example.com", false)]
    [InlineData("https://evil.example@app.example.com", false)]
    [InlineData("null", false)]
    public void Allows_SubDomainsOfAHost_OnlyThose(string origin, bool allowed) =>
        Policy("https://*.example.com", "http://*.example.org:8080").Allows(Request("host.example", origin)).Should().Be(allowed);

    [Theory]
    [InlineData("https://*")]
    [InlineData("https://*.")]
    [InlineData("https://*example.com")]
    [InlineData("https://a.*.example.com")]
    [InlineData("https://*.*.example.com")]
    [InlineData("https://*.10.0.0.1")]
    [InlineData("https://*.[::1]")]
    [InlineData("*.example.com")]
    [InlineData("https://*.example.com/")]
    public void IsValid_WildcardThatIsNoSubDomain_No(string origin) => OriginPolicy.IsValid(origin).Should().BeFalse();

    [Theory]
    [InlineData(true, "app.example", "https://app.example", true)]
    [InlineData(true, "app.example:8443", "https://app.example:8443", true)]
    [InlineData(true, "app.example, proxy.example", "https://app.example", true)]
    [InlineData(true, "app.example, proxy.example", "https://proxy.example", false)]
    [InlineData(true, "app.example", "https://internal.example", false)]
    [InlineData(true, "", "https://internal.example", true)]
    [InlineData(true, null, "https://internal.example", true)]
    [InlineData(false, "app.example", "https://app.example", false)]
    [InlineData(false, "app.example", "https://internal.example", true)]
    public void Allows_ForwardedHost_CountsOnlyWhereItIsUsed(bool used, string? forwarded, string origin, bool allowed)
    {
        var http = Request("internal.example", origin);
        if (forwarded is not null)
            http.Request.Headers["X-Forwarded-Host"] = forwarded;

        Policy(options => options.UseForwardedHost = used).Allows(http).Should().Be(allowed);
    }

    [Theory]
    [InlineData("https", "https://a.example", true)]
    [InlineData("https", "http://a.example:443", false)]
    [InlineData("https", "http://a.example", false)]
    [InlineData("https", "ftp://a.example", false)]
    [InlineData("https", "chrome-extension://a.example", false)]
    [InlineData("http", "ftp://a.example", false)]
    [InlineData("http", "chrome-extension://a.example", false)]
    [InlineData("http", "https://a.example", true)]
    public void Allows_SchemeThatTheServerKnows_IsCompared(string scheme, string origin, bool allowed)
    {
        var http = Request("a.example", origin);
        http.Request.Scheme = scheme;

        Policy().Allows(http).Should().Be(allowed);
    }

    [Theory]
    [InlineData("\u00fc..")]
    [InlineData("\u00fc\u0000")]
    [InlineData("[")]
    [InlineData(":")]
    public void Allows_ForwardedHostThatIsNoHost_IsRefused(string forwarded)
    {
        var http = Request("internal.example", "https://internal.example");
        http.Request.Headers["X-Forwarded-Host"] = forwarded;

        Policy(options => options.UseForwardedHost = true).Allows(http).Should().BeFalse();
    }

    [Theory]
    [InlineData("https://a.example", true)]
    [InlineData("https://tenant.example", true)]
    [InlineData("https://b.example", false)]
    public void Allows_Predicate_DecidesAboutWhatTheListDoesNotName(string origin, bool allowed)
    {
        var asked = new List<string>();
        var policy = Policy(
            options => options.AllowOrigin = (http, page) =>
            {
                asked.Add(page);
                return http.Request.Host.Host == "host.example" && page.Contains("tenant", StringComparison.Ordinal);
            },
            "https://a.example");

        policy.Allows(Request("host.example", origin)).Should().Be(allowed);

        asked.Should().Equal(origin == "https://a.example" ? [] : [origin]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Handshake_SameOrigin_IsAccepted(bool useWebSockets)
    {
        await using var host = await StartAsync(useWebSockets);

        using var answer = await host.HandshakeAsync("/", ("Origin", $"http://{host.Address.Authority}"));

        answer.StatusCode.Should().Be(HttpStatusCode.SwitchingProtocols);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Handshake_ForeignOrigin_Answers403AndLogsWhichOptionAllowsIt(bool useWebSockets)
    {
        await using var host = await StartAsync(useWebSockets);

        using var answer = await host.HandshakeAsync("/", ("Origin", "https://evil.example"));

        answer.StatusCode.Should().Be(HttpStatusCode.Forbidden);
        (await answer.Content.ReadAsStringAsync().InTime()).Should().NotBeEmpty();
        var warning = host.Logs.OfPumps.Should().ContainSingle(entry => entry.Level >= LogLevel.Warning).Which;
        warning.Level.Should().Be(LogLevel.Warning);
        warning.Message.Should().Contain("https://evil.example").And.Contain(host.Address.Authority).And.Contain("AllowedOrigins");
    }

    [Fact]
    public async Task Handshake_ForeignOriginThatIsLongAndCommandsATerminal_IsLoggedShortAndEscaped()
    {
        await using var host = await StartAsync(useWebSockets: false);

        using var answer = await host.HandshakeAsync("/", ("Origin", "https://evil.example/\u001b[31m" + new string('x', 20_000)));

        answer.StatusCode.Should().Be(HttpStatusCode.Forbidden);
        var message = (await host.Logs.FirstAsync("OriginRefused")).Message;
        message.Length.Should().BeLessThan(500);
        message.Should().Contain("https://evil.example/\\u001B[31mx").And.NotContain("\u001b");
    }

    [Fact]
    public async Task Handshake_ForwardedHostThatIsNoHost_Answers403()
    {
        await using var host = await PumpsHost.StartAsync(endpoint => endpoint.Options.UseForwardedHost = true);

        using var answer = await host.HandshakeAsync("/", ("Origin", "https://app.example"), ("X-Forwarded-Host", "\u00fc.."));

        answer.StatusCode.Should().Be(HttpStatusCode.Forbidden);
    }

    [Theory]
    [InlineData("https://app.example", HttpStatusCode.SwitchingProtocols)]
    [InlineData("https://evil.example", HttpStatusCode.Forbidden)]
    public async Task Handshake_OriginsOfTheEndpoint_AreTheOnesThatCount(string origin, HttpStatusCode status)
    {
        await using var host = await PumpsHost.StartAsync(endpoint => endpoint.Options.AllowedOrigins.Add("https://app.example"));

        using var answer = await host.HandshakeAsync("/", ("Origin", origin));

        answer.StatusCode.Should().Be(status);
    }

    private static Task<PumpsHost> StartAsync(bool useWebSockets) => PumpsHost.StartAppAsync(app =>
    {
        if (useWebSockets)
            app.UseWebSockets();
        app.MapWebSocketPumps("/", Echo.Handler);
    });

    private static OriginPolicy Policy(params string[] origins) => Policy(_ => { }, origins);

    private static OriginPolicy Policy(Action<WebSocketPumpsOptions> configure, params string[] origins)
    {
        var options = new WebSocketPumpsOptions();
        foreach (var origin in origins)
            options.AllowedOrigins.Add(origin);
        configure(options);
        options.Validate().Should().BeEmpty();
        return new OriginPolicy(options);
    }

    private static DefaultHttpContext Request(string host, params string[] origins)
    {
        var http = new DefaultHttpContext();
        var request = http.Request;
        request.Host = new HostString(host);
        if (origins.Length > 0)
            request.Headers.Origin = origins;
        return http;
    }
}
