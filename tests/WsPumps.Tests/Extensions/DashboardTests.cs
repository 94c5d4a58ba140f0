using System.Net;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using WsPumps.Hosting;
using WsPumps.Tests.Peers;
using static WsPumps.Tests.Extensions.DashboardHost;

namespace WsPumps.Tests.Extensions;

public sealed class DashboardTests
{
    private static readonly string[] Addresses = ["/admin/pumps", "/admin/pumps/dashboard.css", "/admin/pumps/dashboard.js", "/admin/pumps/charts.js", "/admin/pumps/text.js", "/admin/pumps/live"];

    [Fact]
    public async Task Dashboard_NobodySignedIn_EverythingIsRefused()
    {
        await using var host = await StartAsync();

        foreach (var address in Addresses)
            (await host.HandshakeAsync(address)).StatusCode.Should().Be(HttpStatusCode.Unauthorized, address);
    }

    [Fact]
    public async Task Dashboard_PolicyOfTheCaller_IsTheOneThatCounts()
    {
        await using var host = await StartAsync(dashboard => dashboard.RequireAuthorization("admin"));

        foreach (var address in Addresses)
        {
            (await host.HandshakeAsync(address, ("User", "somebody"))).StatusCode.Should().Be(HttpStatusCode.Forbidden, address);
            (await host.HandshakeAsync(address, ("User", "admin"))).StatusCode.Should().NotBe(HttpStatusCode.Forbidden, address);
        }
    }

    [Fact]
    public async Task Dashboard_AllowedForEverybody_WorksWithoutAuthorizationInTheApplication()
    {
        await using var host = await PumpsHost.StartAppAsync(app => app.MapWebSocketPumpsDashboard().AllowAnonymous());

        (await host.SendAsync(HttpMethod.Get, "/pumps")).StatusCode.Should().Be(HttpStatusCode.OK);
        (await StateAsync(await host.ConnectAsync("/pumps/live")))["connections"]!.GetValue<int>().Should().Be(0);
    }

    [Fact]
    public async Task Dashboard_NobodySaysWhoMayUseIt_HostDoesNotStartAndSaysHow()
    {
        var start = () => PumpsHost.StartAppAsync(app => app.MapWebSocketPumpsDashboard());

        await start.Should().ThrowAsync<InvalidOperationException>().WithMessage("*'/pumps'*RequireAuthorization(*");
    }

    [Fact]
    public async Task Dashboard_NobodySaysWhoMayUseItInDevelopment_SignedInUsersAreLetInAndALineSaysHow()
    {
        await using var host = await StartAsync(mapped: _ => { }, build: builder => builder.Environment.EnvironmentName = Environments.Development);

        (await host.HandshakeAsync("/admin/pumps")).StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        (await host.HandshakeAsync("/admin/pumps", ("User", "somebody"))).StatusCode.Should().Be(HttpStatusCode.OK);
        host.Logs.Named("DashboardWithoutPolicy").Should().ContainSingle().Which.Message.Should().Contain("RequireAuthorization");
    }

    [Fact]
    public async Task Dashboard_FallbackPolicyOfTheApplication_Counts()
    {
        await using var host = await StartAsync(
            mapped: _ => { },
            build: builder => builder.Services.AddAuthorization(options => options.FallbackPolicy = options.GetPolicy("admin")));

        (await host.HandshakeAsync("/admin/pumps", ("User", "somebody"))).StatusCode.Should().Be(HttpStatusCode.Forbidden);
        (await host.HandshakeAsync("/admin/pumps", ("User", "admin"))).StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData(0, 1000)]
    [InlineData(100, 10)]
    public async Task Dashboard_OptionOutOfItsRange_Throws(int viewers, int milliseconds)
    {
        var start = () => PumpsHost.StartAppAsync(app => app.MapWebSocketPumpsDashboard(configure: options =>
            (options.MaxViewers, options.UpdateInterval) = (viewers, TimeSpan.FromMilliseconds(milliseconds))));

        await start.Should().ThrowAsync<OptionsValidationException>();
    }

    [Theory]
    [InlineData("/admin/pumps")]
    [InlineData("/admin/pumps/")]
    public async Task Page_SignedIn_LoadsOnlyFromBelowItself(string address)
    {
        await using var host = await StartAsync();

        var page = await host.SendAsync(HttpMethod.Get, address, ("User", "somebody"));

        page.StatusCode.Should().Be(HttpStatusCode.OK);
        page.Content.Headers.ContentType!.MediaType.Should().Be("text/html");
        page.Headers.GetValues("Content-Security-Policy").Single().Should().StartWith("default-src 'none'").And.NotContain("unsafe");
        var html = await page.Content.ReadAsStringAsync().InTime();
        html.Should().Contain("src=\"/admin/pumps/dashboard.js\"").And.Contain("href=\"/admin/pumps/dashboard.css\"").And.NotContain("{base}").And.NotContain("http://").And.NotContain("https://");
        html.Should().NotContain("<style").And.NotContain(" style=").And.NotContain(" onclick=");
    }

    [Fact]
    public async Task Live_PageOfForeignOrigin_IsRefusedWhateverTheApplicationAllows()
    {
        await using var host = await StartAsync(build: PumpsHost.With(options =>
        {
            options.AllowedOrigins.Add("*");
            options.AllowOrigin = (_, _) => true;
        }));

        (await host.HandshakeAsync("/admin/pumps/live", ("User", "somebody"), ("Origin", "https://evil.example"))).StatusCode.Should().Be(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Live_OptionsOfTheApplication_DoNotApply()
    {
        await using var host = await StartAsync(build: PumpsHost.With(options =>
        {
            options.MaxConnections = 1;
            options.SubProtocols.Add("chat");
            options.RequireSubProtocol = true;
            options.FirstMessageTimeout = TimeSpan.FromSeconds(1);
            options.MaxLifetime = TimeSpan.FromSeconds(2);
        }));
        var peer = await host.ConnectAsync("/chat", options => options.AddSubProtocol("chat"));
        var viewer = await ViewAsync(host);
        await StateAsync(viewer);

        host.Clock.Advance(TimeSpan.FromSeconds(5));

        // Which of the two ends the peer is up to when it began to be read.
        await StateAsync(viewer, state => (state["endings"]!["first_message_timeout"] ?? state["endings"]!["lifetime_over"]) is not null, host);
    }

    [Fact]
    public async Task Live_ItsOwnConnections_AreInNoFigure()
    {
        await using var host = await StartAsync();
        var first = await ViewAsync(host);
        await first.SendTextAsync("""{"show":{"search":"x"}}""");
        await first.CloseAsync();

        var viewer = await ViewAsync(host);
        host.Clock.Advance(TimeSpan.FromSeconds(1));
        var state = await StateAsync(viewer);

        state["totals"]!["messagesReceived"]!.GetValue<int>().Should().Be(0);
        state["totals"]!["messagesSent"]!.GetValue<int>().Should().Be(0);
        state["endings"]!.AsObject().Should().BeEmpty();
    }

    [Fact]
    public async Task Live_MoreViewersThanMayBe_Answers503()
    {
        await using var host = await StartAsync(options: options => options.MaxViewers = 1);
        await StateAsync(await ViewAsync(host));

        (await host.HandshakeAsync("/admin/pumps/live", ("User", "somebody"))).StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
    }

    [Fact]
    public async Task Live_ConnectionsComeAndGo_TellsThemEachSecond()
    {
        await using var host = await StartAsync();
        var viewer = await ViewAsync(host);
        (await StateAsync(viewer))["connections"]!.GetValue<int>().Should().Be(0);

        var peer = await host.ConnectKnownAsync("/chat");
        host.Clock.Advance(TimeSpan.FromSeconds(1));
        var state = await StateAsync(viewer, state => state["connections"]!.GetValue<int>() == 1);
        var row = state["table"]!["rows"]!.AsArray().Should().ContainSingle().Subject!;
        row["id"]!.GetValue<string>().Should().Be(host.Broadcaster.Manager.Clients.Single().Id);
        row["received"]!.GetValue<int>().Should().Be(1);

        await peer.CloseAsync();
        host.Clock.Advance(TimeSpan.FromSeconds(1));
        await host.BeatUntilAsync(() => host.Broadcaster.Manager.Clients.Count == 0);
        state = await StateAsync(viewer, state => state["endings"]!["peer_closed"] is not null, host);
        state["endings"]!["peer_closed"]!["count"]!.GetValue<int>().Should().Be(1);
        state["totals"]!["messagesReceived"]!.GetValue<int>().Should().BeGreaterThanOrEqualTo(1);
    }

    [Fact]
    public async Task Search_PartOfUserIdOrGroup_OnlyThoseAreShown()
    {
        await using var host = await StartAsync();
        await host.ConnectKnownAsync("/chat");
        await host.ConnectKnownAsync("/chat");
        var (first, second) = (host.Broadcaster.Manager.Clients.First(), host.Broadcaster.Manager.Clients.Last());
        host.Broadcaster.Join(first, "Red room");
        var viewer = await ViewAsync(host);
        (await StateAsync(viewer))["table"]!["matching"]!.GetValue<int>().Should().Be(2);

        await viewer.SendTextAsync("""{"show":{"search":"red"}}""");
        var state = await StateAsync(viewer, state => state["table"]!["matching"]!.GetValue<int>() == 1);
        state["table"]!["rows"]![0]!["id"]!.GetValue<string>().Should().Be(first.Id);
        state["connections"]!.GetValue<int>().Should().Be(2);

        await viewer.SendTextAsync($$$"""{"show":{"search":"{{{second.Id}}}"}}""");
        await StateAsync(viewer, state => state["table"]!["rows"]!.AsArray().SingleOrDefault()?["id"]!.GetValue<string>() == second.Id);
    }

    /// <summary>Each search goes through all connections: a page that floods them is read at five a second and no faster.</summary>
    [Fact]
    public async Task Search_Flooded_AreAnsweredAtFiveASecond()
    {
        const int searches = 12;
        await using var host = await StartAsync();
        var viewer = await ViewAsync(host);
        await StateAsync(viewer);
        var server = host.Services.GetRequiredService<PumpsServer>();
        var client = server.Broadcasters.All.SelectMany(broadcaster => broadcaster.Manager.Clients).Single();

        var timers = host.Clock.ActiveTimers;
        for (var i = 0; i < searches; i++)
            await viewer.SendTextAsync($$$"""{"show":{"search":"{{{i}}}"}}""");

        // Five are read, and the one that has to wait; the others as time comes.
        for (var read = 6; read <= searches; read++)
        {
            await host.Clock.UntilTimersAsync(timers + 1);
            client.Statistics.MessagesReceived.Should().Be(read);
            host.Clock.Advance(TimeSpan.FromMilliseconds(201));
        }
    }

    [Fact]
    public async Task Kick_IdOfConnection_ItIsClosedAndLogged()
    {
        await using var host = await StartAsync();
        var peer = await host.ConnectKnownAsync("/chat");
        var viewer = await ViewAsync(host);

        await viewer.SendTextAsync($$$"""{"kick":{"kind":"connection","name":"{{{host.Broadcaster.Manager.Clients.Single().Id}}}"}}""");

        (await peer.ReceiveEndAsync()).Should().Be(WebSocketCloseStatus.PolicyViolation);
        await viewer.SendTextAsync("""{"kick":{"kind":"connection","name":"nobody"}}""");
        (await host.Logs.FirstAsync("DashboardKick")).Message.Should().EndWith("by somebody.");
    }

    [Fact]
    public async Task Feed_LastViewerGone_LeavesNoTimer()
    {
        await using var host = await StartAsync();
        var idle = host.Clock.ActiveTimers;
        idle.Should().Be(1, "the history is kept whether somebody looks or not");
        var viewer = await ViewAsync(host);
        await StateAsync(viewer);
        host.Clock.ActiveTimers.Should().BeGreaterThan(idle);

        await viewer.CloseAsync();
        await host.EndAsync();

        await host.Clock.UntilTimersAsync(idle);
    }
}
