using System.Net.WebSockets;

namespace WsPumps.Core.Tests;

public class BroadcasterTests
{
    [Fact]
    public void Write_ClientsInAllStates_CountsEach()
    {
        var broadcaster = new Broadcaster(new Manager());
        WriteResult[] results = [WriteResult.Queued, WriteResult.Queued, WriteResult.Queued, WriteResult.Dropped, WriteResult.TooLarge, WriteResult.Closed];
        foreach (var result in results)
            broadcaster.Manager.Register(new RecordingClient { EndsWhenClosed = false, Respond = _ => result });

        broadcaster.All.Write("news").Should().Be(new BroadcastResult { Queued = 3, Dropped = 2, Closed = 1 });
    }

    [Fact]
    public void Write_Message_EncodedOnceForAll()
    {
        var broadcaster = new Broadcaster(new Manager());
        RecordingClient[] clients = [new(), new(), new()];
        foreach (var client in clients)
            broadcaster.Manager.Register(client);

        broadcaster.All.Write(Message.Binary(new byte[] { 1, 2, 3 }));

        clients.Select(client => client.Written.Single()).Distinct().Should().ContainSingle()
            .Which.Type.Should().Be(WebSocketMessageType.Binary);
    }

    [Fact]
    public void Write_ClientThrows_OthersStillGetIt()
    {
        var broadcaster = new Broadcaster(new Manager());
        var healthy = new RecordingClient { EndsWhenClosed = false };
        broadcaster.Manager.Register(new RecordingClient { EndsWhenClosed = false, Respond = static _ => throw new InvalidOperationException("A client that breaks its contract.") });
        broadcaster.Manager.Register(healthy);

        broadcaster.All.Write("news").Should().Be(new BroadcastResult { Queued = 1, Dropped = 1 });
        healthy.Written.Should().ContainSingle();
    }

    [Fact]
    public void Write_NobodyThere_IsAllZero()
    {
        new Broadcaster(new Manager()).All.Write("news").Should().Be(default(BroadcastResult));
    }

    [Fact]
    public void Write_Null_Throws()
    {
        var broadcaster = new Broadcaster(new Manager());

        broadcaster.Invoking(b => b.All.Write((PreparedMessage)null!)).Should().Throw<ArgumentNullException>();
        broadcaster.Invoking(b => b.All.Write((string)null!)).Should().Throw<ArgumentNullException>();
    }
}
