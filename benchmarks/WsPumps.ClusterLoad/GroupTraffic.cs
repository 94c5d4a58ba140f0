using System.Globalization;

namespace WsPumps.ClusterLoad;

/// <summary>Messages that go round the groups of a cluster.</summary>
internal static class GroupTraffic
{
    /// <summary>A client that is in the first so many groups, and takes what comes.</summary>
    public static void Join(Broadcaster broadcaster, int groups)
    {
        var client = new Sink();
        broadcaster.Manager.Register(client);
        for (var group = 0; group < groups; group++)
            broadcaster.Join(client, NameOf(group));
    }

    public static Func<string, ValueTask> PublisherOf(Broadcaster broadcaster, int groups)
    {
        var audiences = Enumerable.Range(0, groups).Select(group => broadcaster.Group(NameOf(group))).ToList();
        var next = 0;
        return async text => await audiences[next++ % groups].WriteAsync(text);
    }

    private static string NameOf(int group) => string.Create(CultureInfo.InvariantCulture, $"group-{group}");
}
