using System.Globalization;
using System.Text;
using WsPumps.Load.Running;

namespace WsPumps.Load.Reports;

/// <summary>A scenario as a table in Markdown, with the columns that mean something in it.</summary>
internal static class TableReport
{
    private const string NameHeader = "server";
    private const string FaultHeader = "";

    public static string Of(ScenarioResult result)
    {
        var figures = Figure.All.Where(figure => result.Servers.Any(server => server.Median.Values.ContainsKey(figure))).ToArray();
        var hasFaults = result.Servers.Any(server => NoteOf(server).Length > 0);
        List<string[]> rows = [Row(NameHeader, figures.Select(figure => figure.Header), hasFaults ? FaultHeader : null)];
        rows.AddRange(result.Servers.Select(server => Row(server.Name, figures.Select(figure => Cell(server.Median, figure)), hasFaults ? NoteOf(server) : null)));

        var widths = Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length)).ToArray();
        var text = new StringBuilder().AppendLine().AppendLine($"{result.Scenario.Name}: {result.Scenario.About}").AppendLine();
        AppendLine(text, rows[0], widths);
        text.AppendLine("|" + string.Join('|', widths.Select((width, column) => column == 0 ? new string('-', width + 2) : new string('-', width + 1) + ":")) + "|");
        foreach (var row in rows.Skip(1))
            AppendLine(text, row, widths);
        return text.ToString();
    }

    private static string[] Row(string name, IEnumerable<string> cells, string? note) => note is null ? [name, .. cells] : [name, .. cells, note];

    private static string Cell(Sample sample, Figure figure) =>
        sample.Values.TryGetValue(figure, out var value) ? value.ToString(figure.Format, CultureInfo.InvariantCulture) : "";

    private static string NoteOf(ServerResult server) =>
        server.Median.Fault ?? (server.IsLoadTheLimit ? "the load side is the limit: the server could do more" : "");

    private static void AppendLine(StringBuilder text, string[] row, int[] widths) =>
        text.AppendLine("| " + string.Join(" | ", row.Select((cell, column) => column == 0 ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]))) + " |");
}
