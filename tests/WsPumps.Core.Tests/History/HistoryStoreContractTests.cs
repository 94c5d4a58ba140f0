using System.Text;
using WsPumps.Tests.Clustering;

namespace WsPumps.Tests.History;

/// <summary>What every store of histories must do. One class for each derives from it.</summary>
public abstract class HistoryStoreContractTests : IAsyncLifetime
{
    private static readonly HistoryOptions Ten = new() { Count = 10, Age = TimeSpan.FromMinutes(1) };

    protected abstract IHistoryStore Store { get; }

    public virtual Task InitializeAsync() => Task.CompletedTask;

    public virtual Task DisposeAsync() => Task.CompletedTask;

    [BackplaneFact]
    public async Task Read_NothingWasAppended_IsEmptyAndHasAnEpoch()
    {
        var read = await ReadAsync(default);

        read.Entries.Should().BeEmpty();
        read.Last.Should().Be(default(HistoryOffset));
        read.Epoch.Should().MatchRegex("^[0-9a-z]{1,16}$");
        (await ReadAsync(default)).Epoch.Should().Be(read.Epoch);
        (await AppendAsync("1")).Epoch.Should().Be(read.Epoch);
    }

    [BackplaneFact]
    public async Task Append_EachNamesTheOneBefore_AndIsReadInOrder()
    {
        var entries = new List<HistoryEntry>();
        for (var i = 0; i < 5; i++)
            entries.Add(await AppendAsync($"{i}"));

        var read = await ReadAsync(default);

        read.Entries.Select(Text).Should().Equal("0", "1", "2", "3", "4");
        read.Entries.Select(entry => entry.Offset).Should().Equal(entries.Select(entry => entry.Offset)).And.BeInAscendingOrder();
        read.Entries.Select(entry => entry.Previous).Should().Equal([default, .. entries.SkipLast(1).Select(entry => entry.Offset)]);
        read.Last.Should().Be(entries[^1].Offset);
    }

    [BackplaneFact]
    public async Task Read_AfterAPlace_BeginsBehindIt()
    {
        await AppendAsync("1");
        var second = await AppendAsync("2");
        await AppendAsync("3");

        (await ReadAsync(second.Offset)).Entries.Select(Text).Should().Equal("3");
    }

    [BackplaneFact]
    public async Task Append_MoreThanIsKept_DropsTheOldestAndTheChainShowsIt()
    {
        var first = await AppendAsync("0");
        for (var i = 1; i <= 11; i++)
            await AppendAsync($"{i}");

        var read = await ReadAsync(first.Offset);

        read.Entries.Select(Text).Should().Equal(Enumerable.Range(2, 10).Select(i => $"{i}"));
        read.Entries[0].Previous.Should().NotBe(first.Offset);
    }

    [BackplaneFact]
    public async Task Append_BeginAnew_DropsWhatWasAndHasAnotherEpoch()
    {
        var before = await AppendAsync("before");

        var after = await Store.AppendAsync("room", PreparedMessage.Text("after"), Ten, beginAnew: true, default);

        after.Epoch.Should().NotBe(before.Epoch);
        after.Offset.Should().BeGreaterThan(before.Offset);
        (await ReadAsync(default)).Entries.Select(Text).Should().Equal("after");
    }

    [BackplaneFact]
    public async Task Append_TextAndBytes_ComeBackAsTheyWere()
    {
        await Store.AppendAsync("room", PreparedMessage.Text("ä"), Ten, beginAnew: false, default);
        await Store.AppendAsync("room", PreparedMessage.Binary([0, 255, 10, 13]), Ten, beginAnew: false, default);
        await Store.AppendAsync("room", PreparedMessage.Binary([]), Ten, beginAnew: false, default);

        var entries = (await ReadAsync(default)).Entries;
        entries.Select(entry => entry.Message.Type).Should().Equal(
            System.Net.WebSockets.WebSocketMessageType.Text, System.Net.WebSockets.WebSocketMessageType.Binary, System.Net.WebSockets.WebSocketMessageType.Binary);
        entries[0].Message.Payload.ToArray().Should().Equal("ä"u8.ToArray());
        entries[1].Message.Payload.ToArray().Should().Equal(0, 255, 10, 13);
        entries[2].Message.Length.Should().Be(0);
    }

    [BackplaneFact]
    public async Task Groups_OfOtherNames_HaveHistoriesOfTheirOwn()
    {
        await AppendAsync("here");
        await Store.AppendAsync("{other} room", PreparedMessage.Text("there"), Ten, beginAnew: false, default);

        (await ReadAsync(default)).Entries.Select(Text).Should().Equal("here");
        (await Store.ReadAsync("{other} room", default, Ten, default)).Entries.Select(Text).Should().Equal("there");
    }

    [BackplaneFact]
    public async Task Append_ByMany_TheChainHasNoHole()
    {
        await Task.WhenAll(Enumerable.Range(0, 200).Select(async i =>
            await Store.AppendAsync("room", PreparedMessage.Text($"{i}"), new HistoryOptions { Count = 1000 }, beginAnew: false, default))).InTime();

        var read = await Store.ReadAsync("room", default, new HistoryOptions { Count = 1000 }, default);
        read.Entries.Should().HaveCount(200);
        read.Entries.Zip(read.Entries.Skip(1)).Should().OnlyContain(pair => pair.Second.Previous == pair.First.Offset);
    }

    private async Task<HistoryEntry> AppendAsync(string text) => await Store.AppendAsync("room", PreparedMessage.Text(text), Ten, beginAnew: false, default);

    private async Task<HistoryRead> ReadAsync(HistoryOffset after) => await Store.ReadAsync("room", after, Ten, default);

    private static string Text(HistoryEntry entry) => Encoding.UTF8.GetString(entry.Message.Payload.Span);
}
