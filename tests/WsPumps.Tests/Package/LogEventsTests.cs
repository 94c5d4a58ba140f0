using System.Reflection;
using Microsoft.Extensions.Logging;

namespace WsPumps.Tests.Package;

public sealed class LogEventsTests
{
    private static readonly List<LoggerMessageAttribute> Events = [.. new[]
        {
            typeof(IClient).Assembly, typeof(WebSocketPumpsEndpointBuilder).Assembly,
            typeof(RedisBackplaneOptions).Assembly, typeof(NatsBackplaneOptions).Assembly,
        }
        .SelectMany(assembly => assembly.GetTypes())
        .SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
        .Select(method => method.GetCustomAttribute<LoggerMessageAttribute>())
        .OfType<LoggerMessageAttribute>()
        .OrderBy(attribute => attribute.EventId)];

    [Fact]
    public void LogEvents_All_HaveIdsAndNamesOfTheirOwn()
    {
        Events.Should().NotBeEmpty();
        Events.Select(attribute => attribute.EventId).Should().OnlyHaveUniqueItems();
        Events.Select(attribute => attribute.EventName).Should().OnlyHaveUniqueItems().And.NotContainNulls();
    }

    [Fact]
    public void LoggingPage_Table_HasEachEventInOrder()
    {
        var rows = MarkdownTable.Rows("docs", "logging.md").Where(row => int.TryParse(row[0], out _)).ToList();

        var documented = rows.Select(row => $"| {row[0]} | {row[1]} | `{row[2]}` |").ToList();
        var expected = Events.Select(attribute => $"| {attribute.EventId} | {Level(attribute)} | `{attribute.EventName}` |").ToList();
        documented.SequenceEqual(expected).Should().BeTrue(
            "docs/logging.md lists every event, by its id. Rows to add, with their meaning and what to do:\n" +
            $"{string.Join('\n', expected.Except(documented))}\nRows to take out, or that are not in the order of their ids:\n{string.Join('\n', documented.Except(expected))}\n");
        rows.Should().OnlyContain(row => row.Length == 5 && row[3].EndsWith('.') && row[4].EndsWith('.'));
    }

    /// <summary>
    /// Events of clusters, histories and engines. A test that names one waits for it, or counts it. That the driver of NATS
    /// fails with a message that waits in it was not brought about yet, not by a server that is stopped either: that event has none.
    /// </summary>
    [Fact]
    public void LogEvents_OfClusters_AreEachNamedInATest()
    {
        var tests = string.Concat(Directory.GetFiles(Repository.PathOf("tests"), "*Tests.cs", SearchOption.AllDirectories).Select(File.ReadAllText));

        Events.Where(attribute => attribute.EventId >= 200 && attribute.EventName != "NatsPublishFailed").Select(attribute => attribute.EventName)
            .Should().OnlyContain(name => tests.Contains($"\"{name}\"", StringComparison.Ordinal));
    }

    /// <summary>Without a level of its own, an event is given one with each line.</summary>
    private static string Level(LoggerMessageAttribute attribute) => attribute.Level is LogLevel.None ? "by reason" : attribute.Level.ToString();
}
