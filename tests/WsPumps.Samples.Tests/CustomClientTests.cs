using System.Net;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text.Json.Nodes;

namespace WsPumps.Samples.Tests;

public sealed class CustomClientTests : IAsyncLifetime
{
    private static readonly HttpClient Http = new();

    private SampleProcess _sample = null!;

    public async Task InitializeAsync() => _sample = await SampleProcess.StartAsync("CustomClient");

    public async Task DisposeAsync() => await _sample.DisposeAsync();

    [Fact]
    public async Task Feed_TwoTenants_MessagesStayWithinEach()
    {
        using var acme = await OpenAsync("acme");
        using var globex = await OpenAsync("globex");

        await acme.SendAsync("for acme");
        await globex.SendAsync("for globex");

        (await acme.ReceiveTextAsync()).Should().Be("for acme");
        (await globex.ReceiveTextAsync()).Should().Be("for globex");
    }

    [Fact]
    public async Task Feed_OverTheLimitOfItsTenant_RefusedAndCounted()
    {
        using var first = await OpenAsync("globex");
        using var second = await OpenAsync("globex");
        // So many more than the limit allows that a slow machine sends too fast as well.
        for (var sent = 0; sent < 200; sent++)
            await (sent % 2 == 0 ? first : second).SendAsync("hello");

        string answer;
        do
            answer = await first.ReceiveTextAsync();
        while (answer == "hello");

        answer.Should().Contain("sends too much");
        ((long)(await UsageAsync("globex"))["refused"]!).Should().BePositive();
        ((long)(await UsageAsync("acme"))["refused"]!).Should().Be(0);
    }

    [Fact]
    public async Task Announce_OneTenant_ReachesItsClientsOnly()
    {
        using var acme = await OpenAsync("acme");
        using var globex = await OpenAsync("globex");

        var response = await Http.PostAsync(new Uri(_sample.Address, "/tenants/acme/announce/hello"), content: null).InTime();

        ((int?)(await response.Content.ReadFromJsonAsync<JsonNode>().InTime())!["queued"]).Should().Be(1);
        (await acme.ReceiveTextAsync()).Should().Be("hello");
        await globex.SendAsync("own");
        (await globex.ReceiveTextAsync()).Should().Be("own");
    }

    [Fact]
    public async Task Feed_UnknownTenant_Refused()
    {
        using var socket = new Socket();

        await socket.Awaiting(it => it.ConnectAsync(_sample, "/feed/nobody")).Should().ThrowAsync<WebSocketException>();

        socket.HandshakeStatus.Should().Be(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Server_Stops_ClientsOfAllTenantsAreToldAndTheirEndsAreLogged()
    {
        using var acme = await OpenAsync("acme");
        using var globex = await OpenAsync("globex");

        var stopping = _sample.TerminateAsync();

        foreach (var socket in new[] { acme, globex })
        {
            (await socket.ReceiveAsync()).Type.Should().Be(WebSocketMessageType.Close);
            socket.CloseStatus.Should().Be(WebSocketCloseStatus.EndpointUnavailable);
            await socket.CloseAsync();
        }

        await stopping;
        _sample.Output.Should().MatchRegex("acme: \\S+ ended, Shutdown").And.MatchRegex("globex: \\S+ ended, Shutdown");
    }

    /// <summary>Connected is not yet registered: waits until the tenant counts it.</summary>
    private async Task<Socket> OpenAsync(string tenant)
    {
        var before = (int)(await UsageAsync(tenant))["clients"]!;
        var socket = await Socket.OpenAsync(_sample, $"/feed/{tenant}");
        using var limit = new CancellationTokenSource(Limit.Time);
        while ((int)(await UsageAsync(tenant))["clients"]! == before)
            limit.Token.ThrowIfCancellationRequested();
        return socket;
    }

    private async Task<JsonNode> UsageAsync(string tenant) =>
        (await Http.GetFromJsonAsync<JsonArray>(new Uri(_sample.Address, "/tenants")).InTime())!.Single(usage => (string)usage!["tenant"]! == tenant)!;
}
