using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;
using WsPumps.Script;

namespace WsPumps.Dashboard;

/// <summary>The files of the page, from the assembly.</summary>
internal static class DashboardPage
{
    private const string Prefix = "WsPumps.Dashboard.";

    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action " +
        "'none'; frame-ancestors 'none'";

    public static void Map(IEndpointRouteBuilder routes)
    {
        var page = Encoding.UTF8.GetString(Read("dashboard.html"));
        // The address of the page, with or without a slash at its end, is known only now.
        Serve(routes, "", "text/html; charset=utf-8", http =>
            Encoding.UTF8.GetBytes(page.Replace("{base}",
                HtmlEncoder.Default.Encode($"{http.Request.PathBase}{http.Request.Path}".TrimEnd('/')), StringComparison.Ordinal)));
        Serve(routes, "/dashboard.css", "text/css; charset=utf-8", Always(Read("dashboard.css")));
        Serve(routes, "/ws-pumps.js", "text/javascript; charset=utf-8", Always(ScriptFile.Content));
        foreach (var script in Scripts())
            Serve(routes, $"/{script}", "text/javascript; charset=utf-8", Always(Read(script)));
    }

    private static void Serve(IEndpointRouteBuilder routes, string pattern, string contentType, Func<HttpContext, byte[]> content)
    {
        RequestDelegate serve = http =>
        {
            var headers = http.Response.Headers;
            headers[HeaderNames.ContentSecurityPolicy] = Policy;
            headers[HeaderNames.XContentTypeOptions] = "nosniff";
            headers[HeaderNames.CacheControl] = "no-store";
            http.Response.ContentType = contentType;
            return http.Response.Body.WriteAsync(content(http), http.RequestAborted).AsTask();
        };
        routes.MapGet(pattern, serve);
    }

    private static Func<HttpContext, byte[]> Always(byte[] content) => _ => content;

    private static IEnumerable<string> Scripts() => typeof(DashboardPage).Assembly.GetManifestResourceNames()
        .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal) && name.EndsWith(".js", StringComparison.Ordinal))
        .Select(name => name[Prefix.Length..]);

    private static byte[] Read(string name)
    {
        using var stream = typeof(DashboardPage).Assembly.GetManifestResourceStream(Prefix + name)!;
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        return content;
    }
}
