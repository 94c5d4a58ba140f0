using WsPumps.Lifetime;

namespace WsPumps.Core.Tests.Lifetime;

/// <summary>What docs/endings.md says about each reason is what the code does.</summary>
public sealed class EndingsPageTests
{
    private const int Initiator = 1;
    private const int Level = 4;
    private const int Columns = 7;

    public static TheoryData<DisconnectReason> Reasons => [.. Enum.GetValues<DisconnectReason>().Where(reason => reason is not DisconnectReason.Unknown)];

    [Theory]
    [MemberData(nameof(Reasons))]
    public async Task Page_EveryReason_HasARowWithItsInitiatorAndLevel(DisconnectReason reason)
    {
        var lines = await File.ReadAllLinesAsync(Path.Combine(AppContext.BaseDirectory, "docs", "endings.md"));

        var row = lines.Where(line => line.StartsWith($"| `{reason}` |", StringComparison.Ordinal)).Should().ContainSingle().Which;
        var cells = row.Trim('|').Split('|', StringSplitOptions.TrimEntries);
        cells.Should().HaveCount(Columns).And.NotContain("");
        cells[Initiator].Should().Be($"{new DisconnectRecord { Reason = reason }.Initiator}");
        cells[Level].Should().Be($"{DisconnectLog.LevelOf(reason)}");
    }
}
