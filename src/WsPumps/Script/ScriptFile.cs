using System.IO.Compression;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace WsPumps.Script;

/// <summary>
/// The built browser client, in the two forms it is sent in. Each has an ETag of its own, as RFC 9110, section 8.8.3.3, asks for.
/// </summary>
internal sealed class ScriptFile
{
    private static readonly ScriptFile Plain = new(Read());
    private static readonly ScriptFile Gzip = new(Compress(Plain._content));

    private readonly byte[] _content;
    private readonly EntityTagHeaderValue _tag;

    private ScriptFile(byte[] content)
    {
        _content = content;
        _tag = new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 16))}\"");
    }

    public static byte[] Content => Plain._content;

    public static Task ServeAsync(HttpContext http)
    {
        var headers = http.Response.Headers;
        headers[HeaderNames.CacheControl] = "no-cache";
        headers[HeaderNames.Vary] = HeaderNames.AcceptEncoding;
        headers[HeaderNames.XContentTypeOptions] = "nosniff";
        var file = TakesGzip(http.Request) ? Gzip : Plain;
        if (file == Gzip)
            headers[HeaderNames.ContentEncoding] = "gzip";
        return TypedResults.Bytes(file._content, "text/javascript; charset=utf-8", entityTag: file._tag).ExecuteAsync(http);
    }

    private static bool TakesGzip(HttpRequest request) =>
        StringWithQualityHeaderValue.TryParseList(request.Headers[HeaderNames.AcceptEncoding], out var accepted)
        && accepted.Any(coding => coding.Value.Equals("gzip", StringComparison.OrdinalIgnoreCase) && coding.Quality is not 0);

    private static byte[] Read()
    {
        using var stream = typeof(ScriptFile).Assembly.GetManifestResourceStream("WsPumps.Script.ws-pumps.js")!;
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        return content;
    }

    private static byte[] Compress(byte[] content)
    {
        var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.SmallestSize))
            gzip.Write(content);
        return compressed.ToArray();
    }
}
