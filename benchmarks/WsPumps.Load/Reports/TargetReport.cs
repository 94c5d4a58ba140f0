using System.Globalization;
using System.Text;

namespace WsPumps.Load.Reports;

/// <summary>The targets as a table in Markdown, those that were missed as well.</summary>
internal static class TargetReport
{
    public static string Of(IEnumerable<Target> targets, Lookup look)
    {
        var text = new StringBuilder("\n| | to reach | reached | |\n|---|--:|--:|---|\n");
        foreach (var target in targets)
        {
            var reached = target.Reached(look);
            var note = reached is null ? "not measured" : reached <= target.Limit ? "" : "missed";
            text.AppendLine(CultureInfo.InvariantCulture, $"| {target.About} | {target.Limit:0.00} | {reached:0.00} | {note} |");
        }

        return text.ToString();
    }
}
