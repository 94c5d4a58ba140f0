using System.Globalization;
using System.Net;
using System.Text;
using WsPumps.Load.Running;

namespace WsPumps.Load.Reports;

/// <summary>CPU time per message as bars, a group for each scenario; the bars of a group share a scale of their own.</summary>
internal static class SvgReport
{
    private const int LabelWidth = 170;
    private const int BarWidth = 420;
    private const int ValueWidth = 90;
    private const int RowHeight = 20;
    private const int GroupHeader = 34;
    private const string UserColour = "#2f6fb0";
    private const string SystemColour = "#9cc3e6";

    public static string Of(IEnumerable<ScenarioResult> results)
    {
        var groups = results.Where(result => result.Servers.Any(HasCpu)).ToArray();
        var bars = new StringBuilder();
        var y = RowHeight;
        Text(bars, 10, y, "CPU of the server process per message, µs: user dark, system light", "bold");
        foreach (var group in groups)
        {
            y += GroupHeader;
            Text(bars, 10, y, group.Scenario.Name, "bold");
            var servers = group.Servers.Where(HasCpu).ToArray();
            var scale = BarWidth / servers.Max(server => server.Median.Values[Figure.Cpu]);
            foreach (var server in servers)
            {
                y += RowHeight;
                AppendBar(bars, y, server, scale);
            }
        }

        var (width, height) = (LabelWidth + BarWidth + ValueWidth, y + RowHeight);
        return $"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" font-family="sans-serif" font-size="12">
            <rect width="100%" height="100%" fill="white"/>
            {bars}</svg>

            """;
    }

    private static void AppendBar(StringBuilder bars, int y, ServerResult server, double scale)
    {
        var values = server.Median.Values;
        var user = values[Figure.User] * scale;
        var system = values[Figure.System] * scale;
        Text(bars, 10, y, server.Name);
        Rectangle(bars, LabelWidth, y, user, UserColour);
        Rectangle(bars, LabelWidth + user, y, system, SystemColour);
        Text(bars, LabelWidth + user + system + 6, y, Number(values[Figure.Cpu], Figure.Cpu.Format));
    }

    private static bool HasCpu(ServerResult server) => server.Median.Values.ContainsKey(Figure.Cpu);

    private static void Rectangle(StringBuilder bars, double x, int y, double width, string colour) =>
        bars.AppendLine($"""<rect x="{Number(x)}" y="{y - 11}" width="{Number(width)}" height="14" fill="{colour}"/>""");

    private static void Text(StringBuilder bars, double x, int y, string text, string weight = "normal") =>
        bars.AppendLine($"""<text x="{Number(x)}" y="{y}" font-weight="{weight}">{WebUtility.HtmlEncode(text)}</text>""");

    private static string Number(double value, string format = "0.#") => value.ToString(format, CultureInfo.InvariantCulture);
}
