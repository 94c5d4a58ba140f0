using System.Diagnostics.Metrics;
using System.Net;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using WsPumps.Tests.Peers;

namespace WsPumps.Tests.Diagnostics;

public sealed class MetricsTests
{
    [Fact]
    public async Task Connection_OpenAndEnded_CountedAndTimedWithEndingAndRoute()
    {
        await using var host = await PumpsHost.StartAppAsync(app => app.MapWebSocketPumps("/feed/{symbol}", Echo.Endpoint));
        using var metrics = host.Measure();

        var peer = await host.ConnectKnownAsync("/feed/ACME");
        metrics.Now("wspumps.active_connections", "/feed/{symbol}").Should().Be(1);
        host.Clock.Advance(TimeSpan.FromSeconds(7));
        await peer.CloseAsync();
        await host.EndAsync();

        metrics.Now("wspumps.active_connections").Should().Be(0);
        var ended = metrics.Of("wspumps.connection.duration").Should().ContainSingle().Subject;
        ended.Value.Should().Be(7);
        ended.Instrument.Unit.Should().Be("s");
        ended.Tags.Should().Equal(new Dictionary<string, object?> { ["wspumps.connection.ending"] = "peer_closed", ["http.route"] = "/feed/{symbol}" });
    }

    [Fact]
    public async Task Messages_SentAndReceived_SumsAreExactAtTheEnd()
    {
        await using var host = await PumpsHost.StartAsync(Echo.Endpoint);
        using var metrics = host.Measure();
        var peers = new List<ClientWebSocket>();
        for (var i = 1; i <= 3; i++)
        {
            var peer = await host.ConnectAsync();
            peers.Add(peer);
            for (var message = 0; message < 10 * i; message++)
            {
                await peer.SendBinaryAsync(new byte[100]);
                await peer.ReceiveAsync();
            }

            // In the middle of things, and more than once.
            host.Clock.Advance(TimeSpan.FromSeconds(2));
        }

        foreach (var peer in peers)
            await peer.CloseAsync();
        await host.EndAsync();

        metrics.Now("wspumps.messages", "receive").Should().Be(60);
        metrics.Now("wspumps.messages", "transmit").Should().Be(60);
        metrics.Now("wspumps.io", "receive").Should().Be(6000);
        metrics.Now("wspumps.io", "transmit").Should().Be(6000);
        metrics.Now("wspumps.unsent_messages").Should().Be(0);
        host.Services.GetRequiredService<PumpsMetrics>().Totals.Should().Be(new PumpsTotals
        {
            MessagesSent = 60,
            BytesSent = 6000,
            UncompressedBytesSent = 6000,
            MessagesReceived = 60,
            BytesReceived = 6000,
            CompressedBytesReceived = 6000,
        });
    }

    [Fact]
    public async Task Messages_Compressed_WhatThatSavedIsTold()
    {
        await using var host = await PumpsHost.StartAsync(endpoint =>
        {
            endpoint.Options.Compression = new CompressionOptions();
            Echo.Endpoint(endpoint);
        });
        using var metrics = host.Measure();
        var peer = await host.ConnectAsync(configure: options => options.DangerousDeflateOptions = new WebSocketDeflateOptions());
        await peer.SendBinaryAsync(new byte[5000]);
        await peer.ReceiveAsync();
        await peer.CloseAsync();
        await host.EndAsync();

        metrics.Now("wspumps.io", "receive").Should().Be(5000);
        metrics.Now("wspumps.compression.saved", "receive").Should().BeInRange(4900, 4999);
        (metrics.Now("wspumps.io", "transmit") + metrics.Now("wspumps.compression.saved", "transmit")).Should().Be(5000);
        metrics.Now("wspumps.io", "transmit").Should().BeInRange(1, 100);
    }

    [Fact]
    public async Task Messages_OnOpenConnection_ToldAtTheLatestWithNextHeartbeat()
    {
        await using var host = await PumpsHost.StartAsync(Echo.Endpoint);
        var peer = await host.ConnectKnownAsync();
        using var metrics = host.Measure();

        await host.BeatUntilAsync(() => metrics.Now("wspumps.messages", "transmit") == 1);

        metrics.Now("wspumps.io", "receive").Should().Be("known?".Length);
        await peer.CloseAsync();
    }

    [Fact]
    public async Task Queue_PeerReadsNothing_DepthDropsAndStallAreTold()
    {
        await using var host = await PumpsHost.StartAsync(
            endpoint =>
            {
                endpoint.Options.MaxQueuedMessages = 10;
                endpoint.Options.SlowClientPolicy = SlowClientPolicy.DropNewest;
                endpoint.Options.WriteTimeout = TimeSpan.FromMinutes(5);
            },
            PumpsHost.SmallBuffers);
        using var metrics = host.Measure();
        await host.ConnectRawAsync(receiveBuffer: 4096);
        var client = await host.Callbacks.NextRegisteredAsync();
        await host.BeatUntilAsync(() =>
        {
            Fill();
            return metrics.Now("wspumps.write_stalls") == 1;
        });

        // Nothing leaves any more.
        Fill();
        client.Write(Message.Text("one more"u8.ToArray())).Should().Be(WriteResult.Dropped);
        var dropped = client.Statistics.MessagesDropped;
        await host.BeatUntilAsync(() => metrics.Now("wspumps.dropped_messages") == dropped);

        metrics.Now("wspumps.queued_messages").Should().Be(client.Statistics.QueuedMessages).And.BePositive();
        metrics.Now("wspumps.queued_bytes").Should().Be(client.Statistics.QueuedBytes).And.BePositive();
        metrics.Now("wspumps.dropped_messages", "queue_full").Should().Be(dropped);

        client.Abort();
        var record = await client.Completion.InTime();
        metrics.Now("wspumps.queued_messages").Should().Be(0);
        metrics.Now("wspumps.queued_bytes").Should().Be(0);
        metrics.Now("wspumps.unsent_messages").Should().Be(record.MessagesUnsent).And.BePositive();
        metrics.Now("wspumps.write_stalls").Should().Be(1);

        void Fill()
        {
            while (client.Write(Message.Binary(new byte[16 * 1024])) is WriteResult.Queued)
            {
            }
        }
    }

    [Fact]
    public async Task Handler_Succeeded_Failed_TimedWithOutcome()
    {
        await using var host = await PumpsHost.StartAsync(endpoint =>
        {
            endpoint.Options.ContinueOnHandlerError = true;
            endpoint.OnMessage((_, message, _) => message.GetText() == "fail" ? throw new InvalidOperationException("handler failed") : default);
            endpoint.OnMessage(Echo.Handler);
        });
        using var metrics = host.Measure();
        var peer = await host.ConnectAsync();

        await peer.SendTextAsync("fail");
        await peer.SendTextAsync("go on");
        await peer.ReceiveTextAsync();
        await peer.CloseAsync();
        await host.EndAsync();

        metrics.Of("wspumps.handler.duration").Select(measured => (measured.Tags["wspumps.handler.outcome"], measured.Tags.GetValueOrDefault("error.type")))
            .Should().Equal([("error", "System.InvalidOperationException"), ("success", null)]);
    }

    [Fact]
    public async Task Broadcast_ToGroup_DurationAndRecipientsMeasured()
    {
        await using var host = await PumpsHost.StartAsync(Echo.Endpoint);
        using var metrics = host.Measure();
        await host.ConnectKnownAsync();
        await host.ConnectKnownAsync();

        host.Broadcaster.All.Write("all");
        host.Broadcaster.Group("nobody").Write("none");

        metrics.Of("wspumps.broadcast.recipients").Select(measured => measured.Value).Should().Equal(2, 0);
        metrics.Of("wspumps.broadcast.duration").Should().HaveCount(2);
    }

    [Fact]
    public async Task Ping_Answered_RoundTripMeasured()
    {
        await using var host = await PumpsHost.StartAsync(endpoint =>
        {
            Echo.Endpoint(endpoint);
            endpoint.Options.PingInterval = TimeSpan.FromSeconds(5);
        });
        using var metrics = host.Measure();
        var (peer, client) = await host.ConnectPairAsync();
        var answered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        client.Events.PongReceived += _ => answered.TrySetResult();
        var receiving = peer.ReceiveAsync();

        host.Clock.Advance(TimeSpan.FromSeconds(5));
        await answered.Task.InTime();
        await host.BeatUntilAsync(() => metrics.Of("wspumps.ping.duration").Count > 0);

        metrics.Of("wspumps.ping.duration")[0].Value.Should().Be(client.Statistics.RoundTripTime!.Value.TotalSeconds);
        metrics.Of("wspumps.heartbeat.lag").Should().NotBeEmpty();
        client.Abort();
        await receiving.Invoking(task => task).Should().ThrowAsync<WebSocketException>();
    }

    [Fact]
    public async Task Handshake_Refused_CountedWithReason()
    {
        await using var host = await PumpsHost.StartAppAsync(app => app.MapWebSocketPumps("/{what}", endpoint =>
        {
            Echo.Endpoint(endpoint);
            endpoint.Setup(setup =>
            {
                var what = setup.HttpContext.Request.RouteValues["what"] as string;
                if (what == "fails")
                    throw new InvalidOperationException("setup failed");
                if (what == "refused")
                    setup.Refuse(404);
                return default;
            });
        }));
        using var metrics = host.Measure();

        (await host.SendAsync(HttpMethod.Get, "/any")).StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await host.HandshakeAsync("/any", ("Origin", "https://evil.example"))).StatusCode.Should().Be(HttpStatusCode.Forbidden);
        (await host.HandshakeAsync("/refused")).StatusCode.Should().Be(HttpStatusCode.NotFound);
        (await host.HandshakeAsync("/fails")).StatusCode.Should().Be(HttpStatusCode.InternalServerError);
        await host.EndAsync();

        var refused = metrics.Of("wspumps.refused_handshakes");
        refused.Select(measured => measured.Tags["wspumps.refusal.reason"]).Should().Equal("not_web_socket", "origin", "setup", "setup_failed");
        refused.Should().OnlyContain(measured => measured.Value == 1 && (string)measured.Tags["http.route"]! == "/{what}");
        metrics.Now("wspumps.active_connections").Should().Be(0);
        metrics.Of("wspumps.connection.duration").Should().BeEmpty();
    }

    [Fact]
    public async Task Connection_FactoryOrRegisterFails_StartAndStopBalance()
    {
        await using var host = await PumpsHost.StartAppAsync(app =>
        {
            app.MapWebSocketPumps("/factory", endpoint => endpoint.Factory(_ => throw new InvalidOperationException("factory failed")));
            app.MapWebSocketPumps("/register", endpoint => endpoint.Register(_ => throw new InvalidOperationException("register failed")));
        });
        using var metrics = host.Measure();

        foreach (var path in new[] { "/factory", "/register" })
        {
            var peer = await host.ConnectAsync(path);
            (await peer.ReceiveEndAsync()).Should().Be(WebSocketCloseStatus.InternalServerError);
            await peer.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None).InTime();
        }

        await host.EndAsync();

        metrics.Now("wspumps.active_connections").Should().Be(0);
        metrics.Of("wspumps.connection.duration").Select(measured => measured.Tags["wspumps.connection.ending"]).Should().Equal("not_created", "server_error");
    }

    [Fact]
    public async Task Connection_UnderMiddlewareWithoutRoute_CountedWithoutRoute()
    {
        await using var host = await PumpsHost.StartAppAsync(app => app.UseWebSocketPumps("/plain", Echo.Handler));
        using var metrics = host.Measure();

        var peer = await host.ConnectKnownAsync("/plain");
        metrics.Now("wspumps.active_connections").Should().Be(1);
        await peer.CloseAsync();
        await host.EndAsync();

        metrics.Of("wspumps.connection.duration").Single().Tags.Should().NotContainKey("http.route");
    }

    [Fact]
    public async Task RequestDuration_AcceptedAndRefused_OnlyRefusedIsMeasured()
    {
        await using var host = await PumpsHost.StartAsync(Echo.Endpoint);
        using var metrics = host.Measure();

        var peer = await host.ConnectKnownAsync();
        await peer.CloseAsync();
        await host.HandshakeAsync("/", ("Origin", "https://evil.example"));
        await host.EndAsync();

        metrics.Of("http.server.request.duration").Select(measured => measured.Tags["http.response.status_code"]).Should().Equal(StatusCodes.Status403Forbidden);
    }

    [Fact]
    public async Task Drain_UnderWay_SaysHowManyAreLeft()
    {
        await using var host = await PumpsHost.StartAsync(Echo.Endpoint);
        using var metrics = host.Measure();
        var first = await host.ConnectKnownAsync();
        var second = await host.ConnectKnownAsync();
        metrics.Now("wspumps.draining_connections").Should().Be(0);

        var stopping = host.StopAsync();
        (await first.ReceiveEndAsync()).Should().Be(WebSocketCloseStatus.EndpointUnavailable);
        metrics.Now("wspumps.draining_connections").Should().Be(2);
        await first.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None).InTime();
        await host.Callbacks.NextUnregisteredAsync();
        await second.CloseAsync();
        await stopping.InTime();

        metrics.Now("wspumps.draining_connections").Should().Be(0);
    }

    [Fact]
    public async Task Instruments_All_HaveNameUnitAndDescriptionByConvention()
    {
        await using var host = await PumpsHost.StartAsync(Echo.Endpoint);
        using var metrics = host.Measure();

        metrics.Instruments.Should().HaveCountGreaterThan(10).And.AllSatisfy(instrument =>
        {
            instrument.Name.Should().MatchRegex(@"^wspumps(\.[a-z]+(_[a-z]+)*)+$");
            instrument.Unit.Should().MatchRegex(@"^(s|By|\{[a-z]+\})$");
            instrument.Description.Should().EndWith(".");
            if (instrument is Histogram<double>)
                instrument.Name.Should().MatchRegex(@"\.(duration|lag)$");
        });
    }
}
