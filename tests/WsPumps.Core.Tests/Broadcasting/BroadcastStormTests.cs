using System.Diagnostics;

namespace WsPumps.Core.Tests.Broadcasting;

public class BroadcastStormTests
{
    // Hubs that keep a lock, or a channel to one loop, come to a stop here: a client that dies takes itself out while it is written to.
    [Fact]
    public Task Broadcast_ClientsDieInItWhileOthersComeAndGo_GoesOn() => StormAsync(TimeSpan.FromSeconds(1));

    [Fact]
    [Trait("Category", "Stress")]
    public Task Broadcast_ClientsDieInItForAMinute_GoesOn() => StormAsync(TimeSpan.FromMinutes(1));

    private static async Task StormAsync(TimeSpan duration)
    {
        var broadcaster = new Broadcaster(new Manager());
        broadcaster.Left += _ => broadcaster.All.Write("left");
        var message = PreparedMessage.Text("x");
        var started = Stopwatch.GetTimestamp();
        bool IsOver() => Stopwatch.GetElapsedTime(started) >= duration;

        var storm = Enumerable.Range(0, 2).Select(_ => Background.Run(() =>
        {
            while (!IsOver())
                broadcaster.All.Write(message);
        }));
        var coming = Enumerable.Range(0, 2).Select(_ => Background.Run(() =>
        {
            while (!IsOver())
            {
                var client = new RecordingClient();
                client.OnWrite = _ => Die(client);
                broadcaster.Join(client, "a");
                broadcaster.Manager.Register(client);
                var other = new RecordingClient();
                broadcaster.Manager.Register(other);
                broadcaster.Manager.Unregister(other);
            }
        }));

        await Task.WhenAll([.. storm, .. coming]).WaitAsync(duration + Limit.Time);

        broadcaster.All.Write(message);
        broadcaster.Manager.Clients.Should().BeEmpty();
        broadcaster.GroupNames.Should().BeEmpty();

        void Die(RecordingClient client)
        {
            client.End();
            broadcaster.Manager.Unregister(client);
        }
    }
}
