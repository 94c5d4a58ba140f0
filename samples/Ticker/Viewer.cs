using WsPumps;

namespace Ticker;

/// <summary>One connection of a page, and what it did not get.</summary>
internal sealed class Viewer
{
    private long _replaced;
    private long _lost;

    private Viewer(string view, string panel) => (View, Panel) = (view, panel);

    /// <summary>The page; all its connections are one group.</summary>
    public string View { get; }

    /// <summary>Which of them it is.</summary>
    public string Panel { get; }

    /// <summary>Makes it part of a client, and counts what is dropped from now on.</summary>
    public static Client Attach(Client client, string view, string panel)
    {
        var viewer = new Viewer(view, panel);
        client.Items[typeof(Viewer)] = viewer;
        client.Events.MessageDropped += dropped => viewer.Count(dropped.Reason);
        return client;
    }

    public static Viewer Of(IClient client) => (Viewer)client.Items[typeof(Viewer)]!;

    public Statistics Describe(IClient client)
    {
        var statistics = client.Statistics;
        return new Statistics(Panel, statistics.QueuedMessages, statistics.MessagesSent, Interlocked.Read(ref _replaced), Interlocked.Read(ref _lost));
    }

    private void Count(DropReason reason) => Interlocked.Increment(ref reason is DropReason.Replaced ? ref _replaced : ref _lost);
}
