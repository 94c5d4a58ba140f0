using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;

namespace WsPumps.Tests.Extensions;

public sealed class MapWebSocketPumpsScriptTests
{
    [Fact]
    public async Task Script_Plain_IsTheBuiltModule()
    {
        await using var host = await StartAsync();

        using var response = await SendAsync(host, HttpMethod.Get);

        response.StatusCode.Should().Be(HttpStatusCode.OK);
        response.Content.Headers.ContentType!.ToString().Should().Be("text/javascript; charset=utf-8");
        response.Headers.CacheControl!.NoCache.Should().BeTrue();
        response.Headers.Vary.Should().Equal("Accept-Encoding");
        response.Headers.GetValues("X-Content-Type-Options").Should().Equal("nosniff");
        (await response.Content.ReadAsByteArrayAsync()).Should().Equal(await File.ReadAllBytesAsync(Package.Repository.PathOf("src", "ws-pumps-js", "dist", "ws-pumps.js")));
    }

    [Fact]
    public async Task Script_Gzip_IsTheSameWithATagOfItsOwn()
    {
        await using var host = await StartAsync();
        using var plain = await SendAsync(host, HttpMethod.Get);

        using var response = await SendAsync(host, HttpMethod.Get, request => request.Headers.AcceptEncoding.ParseAdd("br, gzip;q=0.5"));

        response.Content.Headers.ContentEncoding.Should().Equal("gzip");
        using var content = new StreamReader(new GZipStream(await response.Content.ReadAsStreamAsync(), CompressionMode.Decompress));
        (await content.ReadToEndAsync()).Should().Be(await plain.Content.ReadAsStringAsync());
        response.Headers.ETag.Should().NotBe(plain.Headers.ETag);
        plain.Headers.ETag!.IsWeak.Should().BeFalse();
        response.Headers.ETag!.IsWeak.Should().BeFalse();
    }

    [Theory]
    [InlineData("gzip;q=0")]
    [InlineData("br")]
    [InlineData("identity")]
    public async Task Script_GzipNotTaken_IsSentPlain(string accepted)
    {
        await using var host = await StartAsync();

        using var response = await SendAsync(host, HttpMethod.Get, request => request.Headers.AcceptEncoding.ParseAdd(accepted));

        response.Content.Headers.ContentEncoding.Should().BeEmpty();
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("identity")]
    public async Task Script_KnownTag_IsNotSentAgain(string accepted)
    {
        await using var host = await StartAsync();
        using var first = await SendAsync(host, HttpMethod.Get, request => request.Headers.AcceptEncoding.ParseAdd(accepted));

        using var second = await SendAsync(host, HttpMethod.Get, request =>
        {
            request.Headers.AcceptEncoding.ParseAdd(accepted);
            request.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        });
        using var other = await SendAsync(host, HttpMethod.Get, request => request.Headers.IfNoneMatch.Add(new EntityTagHeaderValue("\"other\"")));

        second.StatusCode.Should().Be(HttpStatusCode.NotModified);
        second.Headers.ETag.Should().Be(first.Headers.ETag);
        (await second.Content.ReadAsByteArrayAsync()).Should().BeEmpty();
        other.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Script_Head_HasTheHeadersOnly()
    {
        await using var host = await StartAsync();

        using var response = await SendAsync(host, HttpMethod.Head);

        response.StatusCode.Should().Be(HttpStatusCode.OK);
        response.Headers.ETag.Should().NotBeNull();
        response.Content.Headers.ContentLength.Should().BePositive();
        (await response.Content.ReadAsByteArrayAsync()).Should().BeEmpty();
    }

    [Fact]
    public async Task Script_OtherPattern_IsServedThere()
    {
        await using var host = await PumpsHost.StartAppAsync(app => app.MapWebSocketPumpsScript("/js/client.js"));

        using var response = await SendAsync(host, HttpMethod.Get, path: "/js/client.js");

        response.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    private static Task<PumpsHost> StartAsync() => PumpsHost.StartAppAsync(app => app.MapWebSocketPumpsScript());

    private static async Task<HttpResponseMessage> SendAsync(PumpsHost host, HttpMethod method, Action<HttpRequestMessage>? change = null, string path = "/ws-pumps.js")
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(method, new Uri(host.Address, path));
        change?.Invoke(request);
        return await http.SendAsync(request).InTime();
    }
}
