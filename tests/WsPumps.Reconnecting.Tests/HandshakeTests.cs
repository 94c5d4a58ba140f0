using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using WsPumps.Reconnecting.Tests.Network;

namespace WsPumps.Reconnecting.Tests;

/// <summary>The handshake with a real server, over real sockets.</summary>
public sealed class HandshakeTests
{
    [Fact]
    public async Task Connect_RealServer_MessagesGoBothWays()
    {
        await using var server = await TestServer.StartAsync();
        await using var client = new ReconnectingClient(server.Address);
        await client.StartAsync().InTime();

        (await client.WriteAsync(PreparedMessage.Text("hello")).InTime()).Should().Be(SendResult.Sent);

        (await client.ReadAllAsync().FirstAsync()).Should().Be("hello");
    }

    [Fact]
    public async Task Connect_Configured_SendsHeadersAndSubProtocolsEachTime()
    {
        await using var server = await TestServer.StartAsync();
        await using var client = Create(server, options =>
        {
            options.SubProtocols.Add("chat.v2");
            options.SubProtocols.Add("chat.v1");
            options.ConfigureWebSocket = socket => socket.SetRequestHeader("X-Own", "mine");
        });
        await client.StartAsync().InTime();
        client.Reconnect();
        await client.WriteAsync(PreparedMessage.Text("x")).InTime();
        await FakeNetwork.UntilAsync(() => client.Statistics.Connections == 2);

        server.Requests.Should().HaveCount(2).And.AllSatisfy(request => (request.Own, request.SubProtocols).Should().Be(("mine", "chat.v2, chat.v1")));
    }

    [Fact]
    public async Task Connect_TokenExpires_EachAttemptAsksForAFreshOne()
    {
        var valid = "";
        await using var server = await TestServer.StartAsync(http =>
        {
            http.Response.StatusCode = http.Request.Headers.Authorization == $"Bearer {valid}" ? 200 : 401;
            return http.Response.StatusCode == 401;
        });
        var asked = 0;
        await using var client = Create(server, options => options.AccessToken = _ =>
        {
            asked++;
            // The first one has just expired.
            var token = $"token-{asked}";
            valid = asked == 1 ? "another" : token;
            return ValueTask.FromResult<string?>(token);
        });

        (await client.StartAsync().InTime()).Should().BeTrue();

        server.Requests.Select(request => request.Authorization).Should().Equal("Bearer token-1", "Bearer token-2");
    }

    [Fact]
    public async Task Connect_TokenRefusedTwice_Stops()
    {
        await using var server = await TestServer.StartAsync(http =>
        {
            http.Response.StatusCode = 401;
            return true;
        });
        await using var client = Create(server);

        (await client.StartAsync().InTime()).Should().BeFalse();

        var end = await client.Completion;
        (end.Reason, end.HttpStatus).Should().Be((StopReason.Refused, HttpStatusCode.Unauthorized));
        server.Requests.Should().HaveCount(2);
    }

    [Fact]
    public async Task Connect_TokenCannotBeHad_IsAnAttemptThatFailed()
    {
        await using var server = await TestServer.StartAsync();
        var lost = new ConcurrentQueue<ReconnectingEvent>();
        var asked = 0;
        await using var client = Create(server, options =>
        {
            options.Reconnecting = told => Note(() => lost.Enqueue(told));
            options.AccessToken = _ => ++asked == 1 ? throw new InvalidOperationException("no token today") : ValueTask.FromResult<string?>(null);
        });

        (await client.StartAsync().InTime()).Should().BeTrue();

        lost.Single().Exception!.Message.Should().Be("no token today");
        server.Requests.Single().Authorization.Should().BeNull();
    }

    [Theory]
    [InlineData(503, "0")]
    [InlineData(429, "0")]
    [InlineData(500, null)]
    public async Task Connect_RefusedForAWhile_ComesBack(int status, string? retryAfter)
    {
        var refused = 0;
        await using var server = await TestServer.StartAsync(http =>
        {
            if (refused++ == 2)
                return false;
            http.Response.StatusCode = status;
            http.Response.Headers.RetryAfter = retryAfter;
            return true;
        });
        await using var client = Create(server);

        (await client.StartAsync().InTime()).Should().BeTrue();
    }

    [Fact]
    public async Task Connect_RetryAfter_IsHeeded()
    {
        await using var server = await TestServer.StartAsync(http =>
        {
            http.Response.StatusCode = 503;
            http.Response.Headers.RetryAfter = "3600";
            return true;
        });
        var told = new TaskCompletionSource<ReconnectingEvent>();
        await using var client = Create(server, options => options.Reconnecting = lost => Note(() => told.TrySetResult(lost)));
        _ = client.StartAsync();

        var lost = await told.Task.InTime();

        lost.HttpStatus.Should().Be(HttpStatusCode.ServiceUnavailable);
        lost.Delay.Should().BeGreaterThanOrEqualTo(TimeSpan.FromHours(1));
    }

    [Fact]
    public async Task Connect_CaptivePortal_AnswersWithAPageAndIsTriedAgain()
    {
        var answers = 0;
        await using var server = await TestServer.StartAsync(http =>
        {
            http.Response.ContentType = "text/html";
            return answers++ < 2;
        });
        var lost = new ConcurrentQueue<ReconnectingEvent>();
        await using var client = Create(server, options => options.Reconnecting = told => Note(() => lost.Enqueue(told)));

        (await client.StartAsync().InTime()).Should().BeTrue();

        lost.Select(told => told.HttpStatus).Should().Equal(HttpStatusCode.OK, HttpStatusCode.OK);
    }

    [Fact]
    public async Task Connect_NotFound_Stops()
    {
        await using var server = await TestServer.StartAsync();
        await using var client = new ReconnectingClient(new Uri(server.Address, "/nothing-here"));

        (await client.StartAsync().InTime()).Should().BeFalse();

        (await client.Completion).HttpStatus.Should().Be(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Connect_ServerAcceptsAndSaysNothing_IsGivenUpAfterItsTime()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var told = new TaskCompletionSource<ReconnectingEvent>();
        await using var client = new ReconnectingClient(new Uri($"ws://{listener.LocalEndpoint}"), new ReconnectingClientOptions
        {
            ConnectTimeout = TimeSpan.FromMilliseconds(100),
            Reconnecting = lost => Note(() => told.TrySetResult(lost)),
        });
        _ = client.StartAsync();

        (await told.Task.InTime()).Exception.Should().BeOfType<TimeoutException>();
    }

    [Fact]
    public async Task Connect_ConfigurationThrows_StopsAndTells()
    {
        await using var client = new ReconnectingClient(new Uri("ws://127.0.0.1:1"), new ReconnectingClientOptions
        {
            ConfigureWebSocket = socket => socket.SetRequestHeader("X-Own", "two\r\nlines"),
        });

        (await client.StartAsync().InTime()).Should().BeFalse();

        (await client.Completion).Reason.Should().Be(StopReason.Misconfigured);
    }

    [Fact]
    public async Task Connect_OptionsThatTheInvokerDoesNotAllow_StopsAndTells()
    {
        using var invoker = new HttpMessageInvoker(new SocketsHttpHandler());
        await using var client = new ReconnectingClient(new Uri("ws://127.0.0.1:1"), new ReconnectingClientOptions
        {
            HttpMessageInvoker = invoker,
            ConfigureWebSocket = socket => socket.Cookies = new CookieContainer(),
        });

        (await client.StartAsync().InTime()).Should().BeFalse();

        (await client.Completion).Reason.Should().Be(StopReason.Misconfigured);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Connect_Http2_Works(bool withInvoker)
    {
        await using var server = await TestServer.StartAsync(protocols: HttpProtocols.Http2);
        using var invoker = new HttpMessageInvoker(new SocketsHttpHandler());
        await using var client = Create(server, options =>
        {
            options.HttpMessageInvoker = withInvoker ? invoker : null;
            options.ConfigureWebSocket = socket => (socket.HttpVersion, socket.HttpVersionPolicy) = (HttpVersion.Version20, HttpVersionPolicy.RequestVersionExact);
        });
        await client.StartAsync().InTime();

        await client.WriteAsync(PreparedMessage.Text("over HTTP/2")).InTime();

        (await client.ReadAllAsync().FirstAsync()).Should().Be("over HTTP/2");
        server.Requests.Single().Protocol.Should().Be("HTTP/2");
    }

    [Fact]
    public async Task Connect_Cookies_AreSentByTheClientsOwnHandler()
    {
        await using var server = await TestServer.StartAsync();
        var cookies = new CookieContainer();
        cookies.Add(new Uri(server.Address.AbsoluteUri.Replace("ws:", "http:", StringComparison.Ordinal)), new Cookie("session", "abc"));
        await using var client = Create(server, options => options.ConfigureWebSocket = socket => socket.Cookies = cookies);

        await client.StartAsync().InTime();

        server.Requests.Single().Cookie.Should().Be("session=abc");
    }

    [Fact]
    public async Task Connect_Proxy_IsUsed()
    {
        await using var server = await TestServer.StartAsync();
        using var proxy = new ConnectProxy(server.Address.Port);
        await using var client = new ReconnectingClient(new Uri("ws://server.test/"), new ReconnectingClientOptions
        {
            ConfigureWebSocket = socket => socket.Proxy = new WebProxy(proxy.Address),
        });

        (await client.StartAsync().InTime()).Should().BeTrue();
        (await client.WriteAsync(PreparedMessage.Text("through")).InTime()).Should().Be(SendResult.Sent);

        (await client.ReadAllAsync().FirstAsync()).Should().Be("through");
        proxy.Asked.Should().Be("CONNECT server.test:80 HTTP/1.1");
    }

    [Theory]
    [InlineData(HttpProtocols.Http1, 15, true)]
    [InlineData(HttpProtocols.Http1, 9, true)]
    [InlineData(HttpProtocols.Http2, 15, true)]
    [InlineData(HttpProtocols.Http1, 15, false)]
    public async Task Compression_Offered_IsUsedBothWaysWhereTheServerAgrees(HttpProtocols protocols, int window, bool serverCompresses)
    {
        await using var server = await TestServer.StartAsync(protocols: protocols,
            options: options => options.Compression = serverCompresses ? new CompressionOptions() : null);
        var carried = new CountingStream.Counter();
        using var http = new HttpMessageInvoker(new SocketsHttpHandler
        {
            ConnectCallback = async (context, cancellationToken) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
                return new CountingStream(new NetworkStream(socket, ownsSocket: true), carried);
            },
        });
        await using var client = Create(server, options =>
        {
            options.HttpMessageInvoker = http;
            options.ConfigureWebSocket = socket =>
            {
                socket.HttpVersion = protocols is HttpProtocols.Http2 ? HttpVersion.Version20 : HttpVersion.Version11;
                socket.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
                socket.DangerousDeflateOptions = new WebSocketDeflateOptions { ClientMaxWindowBits = window };
            };
        });
        await client.StartAsync().InTime();
        var texts = Enumerable.Range(0, 20).Select(i => string.Join(' ', Enumerable.Repeat($"a text that repeats itself, number {i}", 500))).ToList();

        foreach (var text in texts)
            (await client.WriteAsync(PreparedMessage.Text(text)).InTime()).Should().Be(SendResult.Sent);

        (await client.ReadAllAsync().TakeAsync(texts.Count)).Should().Equal(texts);
        var plain = texts.Sum(text => (long)text.Length);
        carried.Read.Should().Match(read => serverCompresses ? read < plain / 10 : read > plain);
        // What is longer than a small window goes as it is.
        carried.Written.Should().Match(written => serverCompresses && window == 15 ? written < plain / 10 : written > plain);
    }

    [Fact]
    public async Task HalfOpenPeer_AnswersNothing_IsGivenUpAndReplaced()
    {
        using var deaf = new DeafServer();
        var told = new TaskCompletionSource<ReconnectingEvent>();
        await using var client = new ReconnectingClient(deaf.Address, new ReconnectingClientOptions
        {
            Connection = { PingInterval = TimeSpan.FromSeconds(1), PongTimeout = TimeSpan.FromSeconds(1) },
            Reconnecting = lost => Note(() => told.TrySetResult(lost)),
        });
        (await client.StartAsync().InTime()).Should().BeTrue();

        (await told.Task.InTime()).Connection!.Reason.Should().Be(DisconnectReason.PongTimeout);
    }

    [Fact]
    public async Task Server_Drains_ClientComesBackWithinTheWindowItWasTold()
    {
        var port = FreePort();
        var told = new TaskCompletionSource<ReconnectingEvent>();
        var first = await TestServer.StartAsync(port: port, options: options => options.Drain.ReconnectWithin = TimeSpan.FromSeconds(1));
        await using var client = Create(first, options => options.Reconnecting = lost => Note(() => told.TrySetResult(lost)));
        await client.StartAsync().InTime();
        await first.DisposeAsync();
        await using var second = await TestServer.StartAsync(port: port);

        await client.WriteAsync(PreparedMessage.Text("there you are")).InTime();

        (await client.ReadAllAsync().FirstAsync()).Should().Be("there you are");
        var lost = await told.Task;
        lost.Connection!.PeerStatus.Should().Be(WebSocketCloseStatus.EndpointUnavailable);
        lost.Delay.Should().BeLessThanOrEqualTo(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public Task Server_DrainsHundreds_TheyComeBackSpreadOverTheWindow() => DrainAsync(300, TimeSpan.FromSeconds(2));

    /// <summary>
    /// Counts the handshakes in each tenth of the window. A second peak would be many in one of them, or attempts that failed and came
    /// again.
    /// </summary>
    private static async Task DrainAsync(int count, TimeSpan window)
    {
        await using var server = await TestServer.StartAsync();
        await using var other = await TestServer.StartAsync();
        // As a balancer does: who comes after the drain has begun is led to the other server.
        var port = server.Address.Port;
        using var balancer = new HttpMessageInvoker(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(IPAddress.Loopback, Volatile.Read(ref port), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        });
        var told = new ConcurrentBag<ReconnectingEvent>();
        var clients = new List<ReconnectingClient>();
        for (var i = 0; i < count; i++)
        {
            var client = Create(server, options => (options.Reconnecting, options.HttpMessageInvoker) = (lost => Note(() => told.Add(lost)), balancer));
            clients.Add(client);
            (await client.StartAsync().InTime()).Should().BeTrue();
        }

        // A client has its answer a moment before the server has registered it.
        await FakeNetwork.UntilAsync(() => server.Broadcaster.Manager.Clients.Count == count);
        Volatile.Write(ref port, other.Address.Port);
        var drained = server.Broadcaster.Manager.DrainAsync(new DrainOptions { ReconnectWithin = window, BatchSize = count });
        (await drained.WaitAsync(Limit.Time + Limit.Time)).Left.Should().Be(count);
        using var limit = new CancellationTokenSource(window + Limit.Time + Limit.Time);
        while (clients.Any(client => client.Statistics.Connections < 2) || other.Broadcaster.All.Local.Count < count)
            await Task.Delay(50, limit.Token);

        told.Where(lost => lost.Connection is not null).Should().HaveCountGreaterThanOrEqualTo(count)
            .And.OnlyContain(lost => lost.Delay <= window);
        told.Should().HaveCount(count, "nobody was lost again, and no attempt failed");
        var tenths = told.GroupBy(lost => (int)(lost.Delay / window * 9.999)).ToDictionary(group => group.Key, group => group.Count());
        tenths.Should().HaveCount(10);
        tenths.Values.Max().Should().BeLessThan(count / 10 * 2, "they come back evenly");
        foreach (var client in clients)
            await client.DisposeAsync();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static ReconnectingClient Create(TestServer server, Action<ReconnectingClientOptions>? configure = null)
    {
        var options = new ReconnectingClientOptions { FirstDelay = TimeSpan.FromMilliseconds(10) };
        configure?.Invoke(options);
        return new ReconnectingClient(server.Address, options);
    }

    private static ValueTask Note(Action note)
    {
        note();
        return default;
    }
}
