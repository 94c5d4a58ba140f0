using System.Net;
using Microsoft.Extensions.Options;
using WsPumps.Endpoints;

namespace WsPumps.Tests.Endpoints;

public sealed class OptionScopesTests
{
    public static TheoryData<string, Action<WebSocketPumpsOptions>> OfApplication => new()
    {
        { "Drain", options => options.Drain.Timeout = TimeSpan.FromSeconds(20) },
        { "MaxTotalQueuedBytes", options => options.MaxTotalQueuedBytes = 1 },
        { "MaxConnections", options => options.MaxConnections = 1 },
        { "UserId", options => options.UserId = _ => null },
        { "TokenSubProtocolPrefix", options => options.TokenSubProtocolPrefix = "bearer." },
        { "TokenQueryParameter", options => options.TokenQueryParameter = "token" },
    };

    public static TheoryData<string, Action<WebSocketPumpsOptions>> OfEndpoint => new()
    {
        { "AllowedOrigins", options => options.AllowedOrigins.Add("*") },
        { "AllowOrigin", options => options.AllowOrigin = (_, _) => true },
        { "UseForwardedHost", options => options.UseForwardedHost = true },
        { "SubProtocols", options => options.SubProtocols.Add("v1") },
        { "RequireSubProtocol", options => options.RequireSubProtocol = true },
    };

    [Theory]
    [MemberData(nameof(OfApplication))]
    public void CheckEndpoint_OptionOfTheApplication_Throws(string name, Action<WebSocketPumpsOptions> change)
    {
        var changed = new WebSocketPumpsOptions();
        change(changed);

        var check = () => OptionScopes.CheckEndpoint(new WebSocketPumpsOptions(), changed);

        check.Should().Throw<OptionsValidationException>().WithMessage($"{name} is an option of the whole application*");
    }

    [Theory]
    [MemberData(nameof(OfEndpoint))]
    public void CheckEndpoint_OptionOfTheEndpoint_IsFine(string name, Action<WebSocketPumpsOptions> change)
    {
        var changed = new WebSocketPumpsOptions();
        change(changed);

        var check = () => OptionScopes.CheckEndpoint(new WebSocketPumpsOptions(), changed);

        check.Should().NotThrow(name);
    }

    [Theory]
    [MemberData(nameof(OfApplication))]
    [MemberData(nameof(OfEndpoint))]
    public void CheckConnection_OptionThatComesTooLate_Throws(string name, Action<WebSocketPumpsOptions> change)
    {
        var changed = new WebSocketPumpsOptions().Clone();
        change(changed);

        var check = () => OptionScopes.CheckConnection(new WebSocketPumpsOptions(), changed);

        check.Should().Throw<OptionsValidationException>().WithMessage($"{name} *");
    }

    [Fact]
    public async Task Endpoint_SetsAnOptionOfTheApplication_HostDoesNotStart()
    {
        var start = () => PumpsHost.StartAsync(endpoint => endpoint.Options.MaxTotalQueuedBytes = 1);

        await start.Should().ThrowAsync<OptionsValidationException>().WithMessage("*MaxTotalQueuedBytes*AddWebSocketPumps*");
    }

    [Fact]
    public async Task Setup_SetsAnOptionThatComesTooLate_Answers500AndNamesIt()
    {
        await using var host = await PumpsHost.StartAsync(endpoint => endpoint.Setup = setup =>
        {
            setup.Options.AllowedOrigins.Add("https://late.example");
            return default;
        });

        using var answer = await host.HandshakeAsync();

        answer.StatusCode.Should().Be(HttpStatusCode.InternalServerError);
        (await host.Logs.FirstAsync("ApplicationError")).Exception!.Message.Should().Contain("AllowedOrigins").And.Contain("before Setup");
    }
}
