using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using WsPumps.Tests.Peers;

namespace WsPumps.Tests.Extensions;

public sealed class AddWebSocketPumpsTests
{
    [Fact]
    public async Task Add_Section_OptionsAreReadFromIt()
    {
        await using var host = await PumpsHost.StartAppAsync(_ => { }, Configured(
            "MaxMessageSize=1000",
            "MaxQueuedMessages=7",
            "MaxQueuedBytes=123456",
            "PingInterval=00:00:07.5",
            "ContinueOnHandlerError=true",
            "Drain:Timeout=00:00:09",
            "AllowedOrigins:0=https://a.example",
            "AllowedOrigins:1=https://b.example:8443",
            "SubProtocols:0=v2",
            "SubProtocols:1=v1",
            "RequireSubProtocol=true",
            "UseForwardedHost=true",
            "MaxConnections=1000",
            "CloseOnAuthenticationExpiration=false",
            "AuthenticationNotice=00:00:30",
            "TokenSubProtocolPrefix=bearer.",
            "TokenQueryParameter=access_token",
            "MaxLifetime=1.00:00:00",
            "LifetimeJitter=0.5",
            "MessageTimeout=00:00:20",
            "FirstMessageTimeout=00:00:10",
            "MaxMessagesPerSecond=50",
            "MaxBytesPerSecond=100000",
            "RateBurst=00:00:10",
            "FastClientPolicy=Throttle"));

        var options = host.Services.GetRequiredService<IOptions<WebSocketPumpsOptions>>().Value;

        options.MaxMessageSize.Should().Be(1000);
        options.MaxQueuedMessages.Should().Be(7);
        options.MaxQueuedBytes.Should().Be(123456);
        options.PingInterval.Should().Be(TimeSpan.FromSeconds(7.5));
        options.ContinueOnHandlerError.Should().BeTrue();
        options.Drain.Timeout.Should().Be(TimeSpan.FromSeconds(9));
        options.AllowedOrigins.Should().Equal("https://a.example", "https://b.example:8443");
        options.SubProtocols.Should().Equal("v2", "v1");
        options.RequireSubProtocol.Should().BeTrue();
        options.UseForwardedHost.Should().BeTrue();
        options.MaxConnections.Should().Be(1000);
        options.CloseOnAuthenticationExpiration.Should().BeFalse();
        options.AuthenticationNotice.Should().Be(TimeSpan.FromSeconds(30));
        options.TokenSubProtocolPrefix.Should().Be("bearer.");
        options.TokenQueryParameter.Should().Be("access_token");
        options.MaxLifetime.Should().Be(TimeSpan.FromDays(1));
        options.LifetimeJitter.Should().Be(0.5);
        options.MessageTimeout.Should().Be(TimeSpan.FromSeconds(20));
        options.FirstMessageTimeout.Should().Be(TimeSpan.FromSeconds(10));
        options.MaxMessagesPerSecond.Should().Be(50);
        options.MaxBytesPerSecond.Should().Be(100_000);
        options.RateBurst.Should().Be(TimeSpan.FromSeconds(10));
        options.FastClientPolicy.Should().Be(FastClientPolicy.Throttle);
        options.CloseTimeout.Should().Be(new WebSocketPumpsOptions().CloseTimeout, "it was not set");
    }

    [Fact]
    public async Task AddBroadcaster_GivenToAnEndpoint_ReachesItsClientsAndNoOthers()
    {
        await using var host = await PumpsHost.StartAppAsync(
            app =>
            {
                app.MapWebSocketPumps("/a", Echo.Handler);
                app.MapWebSocketPumps("/b", endpoint =>
                {
                    endpoint.Broadcaster = app.Services.GetRequiredKeyedService<Broadcaster>("b");
                    Echo.Endpoint(endpoint);
                });
            },
            builder => builder.Services.AddWebSocketPumps().AddBroadcaster("b").AddBroadcaster("b"));
        await host.ConnectKnownAsync("/a");
        var peer = await host.ConnectKnownAsync("/b");

        host.Services.GetRequiredKeyedService<Broadcaster>("b").All.Write("to b").Queued.Should().Be(1);

        (await peer.ReceiveTextAsync()).Should().Be("to b");
        host.Broadcaster.All.Local.Count.Should().Be(1);
    }

    [Fact]
    public async Task Add_UnknownNameInSection_HostDoesNotStartAndNamesIt()
    {
        var start = () => PumpsHost.StartAppAsync(_ => { }, Configured("MaxMesageSize=1000"));

        await start.Should().ThrowAsync<InvalidOperationException>().WithMessage("*section 'Pumps'*must be that of an option*'MaxMesageSize'*");
    }

    [Fact]
    public async Task Add_ValueInSectionDoesNotFit_HostDoesNotStartAndNamesBoth()
    {
        var start = () => PumpsHost.StartAppAsync(_ => { }, Configured("SlowClientPolicy=Conflated"));

        await start.Should().ThrowAsync<InvalidOperationException>()
            .WithMessage("*section 'Pumps'*each value must fit*'Conflated'*SlowClientPolicy*");
    }

    [Theory]
    [InlineData("AllowedOrigins=https://a.example", "'AllowedOrigins' is 'https://a.example'; it must be a list")]
    [InlineData("SubProtocols=v1", "'SubProtocols' is 'v1'; it must be a list")]
    [InlineData("Drain=00:00:30", "'Drain' is '00:00:30'; it must be a section")]
    [InlineData("Compression=true", "'Compression' is 'true'; it must be a section")]
    [InlineData("allowedorigins=https://a.example", "'AllowedOrigins' is 'https://a.example'; it must be a list")]
    public async Task Add_OneValueWhereSeveralBelong_HostDoesNotStartAndSaysWhatBelongsThere(string setting, string message)
    {
        var start = () => PumpsHost.StartAppAsync(_ => { }, Configured(setting));

        await start.Should().ThrowAsync<InvalidOperationException>().WithMessage($"*section 'Pumps'*{message}*");
    }

    [Fact]
    public async Task Add_EmptyList_IsNoSetting()
    {
        // What the JSON of [] is read as.
        await using var host = await PumpsHost.StartAppAsync(_ => { }, Configured("AllowedOrigins=", "MaxConnections=7"));

        host.Services.GetRequiredService<IOptions<WebSocketPumpsOptions>>().Value.AllowedOrigins.Should().BeEmpty();
    }

    [Theory]
    [InlineData("WebSocketPump")]
    [InlineData("WebSocketPumps:Drain")]
    public async Task Configure_SectionThatIsNotThere_HostDoesNotStartAndNamesIt(string section)
    {
        var start = () => PumpsHost.StartAppAsync(_ => { }, builder => builder.Services.AddWebSocketPumps().Configure(builder.Configuration.GetSection(section)));

        await start.Should().ThrowAsync<InvalidOperationException>().WithMessage($"*section '{section}'*missing or empty*");
    }

    [Theory]
    [InlineData("MaxMessageSize=0", "MaxMessageSize is 0; it must be between 1 and 1073741824")]
    [InlineData("MaxMessageSize=1073741825", "MaxMessageSize is 1073741825")]
    [InlineData("MaxQueuedMessages=0", "MaxQueuedMessages is 0; it must be between 1 and 1048576")]
    [InlineData("MaxQueuedMessages=1048577", "MaxQueuedMessages is 1048577")]
    [InlineData("MaxInboundMessages=0", "MaxInboundMessages is 0; it must be between 1 and 65536")]
    [InlineData("MaxInboundMessages=65537", "MaxInboundMessages is 65537")]
    [InlineData("MaxQueuedBytes=65535", "MaxQueuedBytes (65535)*MaxMessageSize (65536)")]
    [InlineData("PingInterval=00:00:00.5", "PingInterval is 00:00:00.5*00:00:01 and 1.00:00:00")]
    [InlineData("PingInterval=1.00:00:01", "PingInterval is 1.00:00:01")]
    [InlineData("PingInterval=-00:00:01", "PingInterval is -00:00:01")]
    [InlineData("PongTimeout=00:00:00.9", "PongTimeout is 00:00:00.9*00:00:01 and 1.00:00:00")]
    [InlineData("PongTimeout=1.00:00:01", "PongTimeout is 1.00:00:01")]
    [InlineData("WriteTimeout=00:00:00.09", "WriteTimeout is 00:00:00.09*00:00:00.1*1.00:00:00")]
    [InlineData("WriteTimeout=1.00:00:01", "WriteTimeout is 1.00:00:01")]
    [InlineData("CloseTimeout=00:00:00.09", "CloseTimeout is 00:00:00.09*00:00:00.1*1.00:00:00")]
    [InlineData("CloseTimeout=1.00:00:01", "CloseTimeout is 1.00:00:01")]
    [InlineData("CallbackTimeout=00:00:00.09", "CallbackTimeout is 00:00:00.09*00:00:00.1*1.00:00:00")]
    [InlineData("CallbackTimeout=1.00:00:01", "CallbackTimeout is 1.00:00:01")]
    [InlineData("Drain:Timeout=00:00:04", "Drain.Timeout (00:00:04) is less than CloseTimeout (00:00:05)")]
    [InlineData("Drain:Timeout=00:00:30", "Drain.Timeout (00:00:30) is not less than HostOptions.ShutdownTimeout (00:00:30)")]
    [InlineData("AllowedOrigins:0=a.example", "AllowedOrigins contains 'a.example'")]
    [InlineData("AllowedOrigins:0=https://a.example/", "AllowedOrigins contains 'https://a.example/'")]
    [InlineData("AllowedOrigins:0=https://a.example/path", "AllowedOrigins contains 'https://a.example/path'")]
    [InlineData("AllowedOrigins:0=https://*", "AllowedOrigins contains 'https://*'")]
    [InlineData("RequireSubProtocol=true", "RequireSubProtocol is set, but SubProtocols is empty")]
    [InlineData("MaxConnections=0", "MaxConnections is 0; it must be at least 1")]
    [InlineData("TokenSubProtocolPrefix=two words", "TokenSubProtocolPrefix is 'two words'")]
    [InlineData("MaxLifetime=00:00:00", "MaxLifetime is 00:00:00")]
    [InlineData("LifetimeJitter=1.5", "LifetimeJitter is 1.5")]
    [InlineData("MessageTimeout=00:00:00.5", "MessageTimeout is 00:00:00.5")]
    [InlineData("FirstMessageTimeout=00:00:00", "FirstMessageTimeout is 00:00:00")]
    [InlineData("MaxMessagesPerSecond=0", "MaxMessagesPerSecond is 0")]
    [InlineData("MaxBytesPerSecond=0", "MaxBytesPerSecond is 0")]
    [InlineData("RateBurst=00:00:00", "RateBurst is 00:00:00")]
    [InlineData("FastClientPolicy=7", "FastClientPolicy is 7; it must be one of Disconnect, Throttle")]
    [InlineData("AuthenticationNotice=-00:00:01", "AuthenticationNotice is -00:00:01")]
    [InlineData("SubProtocols:0=two words", "SubProtocols contains 'two words'")]
    [InlineData("SubProtocols:0=a,b", "SubProtocols contains 'a,b'")]
    public async Task Add_OptionBreaksARule_HostDoesNotStartAndNamesOptionsAndValues(string setting, string message)
    {
        var start = () => PumpsHost.StartAppAsync(_ => { }, Configured(setting));

        await start.Should().ThrowAsync<OptionsValidationException>().WithMessage($"*{message}*");
    }

    [Theory]
    [InlineData("PingInterval=00:00:00")]
    [InlineData("PingInterval=1.00:00:00")]
    [InlineData("MaxMessageSize=1073741824")]
    [InlineData("MaxQueuedBytes=65536")]
    [InlineData("Drain:Timeout=00:00:05")]
    [InlineData("Drain:Timeout=00:00:29.9")]
    [InlineData("AllowedOrigins:0=*")]
    [InlineData("AllowedOrigins:0=https://*.example.com:8443")]
    [InlineData("MessageTimeout=00:00:00")]
    [InlineData("AuthenticationNotice=00:00:00")]
    [InlineData("AllowedOrigins:0=http://[::1]:8080")]
    public async Task Add_OptionAtTheEdgeOfItsRange_HostStarts(string setting)
    {
        var start = async () =>
        {
            await using var host = await PumpsHost.StartAppAsync(_ => { }, Configured(setting));
        };

        await start.Should().NotThrowAsync();
    }

    [Fact]
    public async Task Add_SubProtocolThatLooksLikeAToken_HostDoesNotStart()
    {
        var start = () => PumpsHost.StartAppAsync(_ => { }, Configured("TokenSubProtocolPrefix=b.", "SubProtocols:0=b.chat"));

        await start.Should().ThrowAsync<OptionsValidationException>().WithMessage("*'b.chat'*TokenSubProtocolPrefix ('b.')*");
    }

    [Fact]
    public async Task Add_SeveralRulesBroken_AllAreNamed()
    {
        var start = () => PumpsHost.StartAppAsync(_ => { }, Configured("MaxMessageSize=0", "CloseTimeout=00:00:00"));

        await start.Should().ThrowAsync<OptionsValidationException>().WithMessage("*MaxMessageSize is 0*CloseTimeout is 00:00:00*");
    }

    [Fact]
    public async Task Add_OptionsOfOneEndpoint_DoNotChangeAnother()
    {
        var sizes = new List<int>();
        await using var host = await PumpsHost.StartAppAsync(
            app =>
            {
                app.MapWebSocketPumps("/first", endpoint => endpoint.Options.MaxMessageSize = 1);
                app.MapWebSocketPumps("/second", endpoint => sizes.Add(endpoint.Options.MaxMessageSize));
            },
            PumpsHost.With(options => options.MaxMessageSize = 500));

        sizes.Should().Equal(500);
    }

    [Fact]
    public async Task Add_OptionOfOneEndpointBreaksARule_HostDoesNotStart()
    {
        var start = () => PumpsHost.StartAsync(endpoint => endpoint.Options.WriteTimeout = TimeSpan.Zero);

        await start.Should().ThrowAsync<OptionsValidationException>().WithMessage("*WriteTimeout is 00:00:00*");
    }

    [Fact]
    public async Task Add_Twice_ManagerRunsOnce()
    {
        var manager = new CustomTypes.RunCountingManager();
        await using var host = await PumpsHost.StartAsync(Echo.Endpoint, builder =>
        {
            builder.Services.AddSingleton<IManager>(manager);
            builder.Services.AddWebSocketPumps();
        });

        await manager.Started.InTime();
        await host.EndAsync();

        manager.Runs.Should().Be(1);
    }

    [Fact]
    public async Task Add_Default_ManagerIsTheBroadcasters()
    {
        await using var host = await PumpsHost.StartAsync(Echo.Endpoint);

        host.Services.GetRequiredService<IManager>().Should().BeSameAs(host.Broadcaster.Manager);
    }

    private static Action<WebApplicationBuilder> Configured(params string[] settings) => builder =>
    {
        builder.Configuration.AddInMemoryCollection(settings.Select(setting =>
            KeyValuePair.Create<string, string?>($"Pumps:{setting[..setting.IndexOf('=')]}", setting[(setting.IndexOf('=') + 1)..])));
        builder.Services.AddWebSocketPumps().Configure(builder.Configuration.GetSection("Pumps"));
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(30));
    };
}
