using System.Net.WebSockets;

namespace WsPumps.Core.Tests;

public class BroadcasterTests
{
    [Fact]
    public void Broadcast_ClientsInAllStates_CountsEach()
    {
        var broadcaster = new Broadcaster();
        WriteResult[] results = [WriteResult.Queued, WriteResult.Queued, WriteResult.Queued, WriteResult.Dropped, WriteResult.TooLarge, WriteResult.Closed];
        foreach (var result in results)
            broadcaster.Register(new FakeClient { Result = result });

        broadcaster.Broadcast("news").Should().Be(new BroadcastResult { Queued = 3, Dropped = 2, Closed = 1 });
    }

    [Fact]
    public void Broadcast_Message_EncodedOnceForAll()
    {
        var broadcaster = new Broadcaster();
        FakeClient[] clients = [new(), new(), new()];
        foreach (var client in clients)
            broadcaster.Register(client);

        broadcaster.Broadcast(Message.Binary(new byte[] { 1, 2, 3 }));

        clients.Select(client => client.Written.Single()).Distinct().Should().ContainSingle()
            .Which.Type.Should().Be(WebSocketMessageType.Binary);
    }

    [Fact]
    public void Broadcast_ClientThrows_OthersStillGetIt()
    {
        var broadcaster = new Broadcaster();
        var healthy = new FakeClient();
        broadcaster.Register(new FakeClient { WriteThrows = true });
        broadcaster.Register(healthy);

        broadcaster.Broadcast("news").Should().Be(new BroadcastResult { Queued = 1, Dropped = 1 });
        healthy.Written.Should().ContainSingle();
    }

    [Fact]
    public void Broadcast_NobodyThere_IsAllZero()
    {
        new Broadcaster().Broadcast("news").Should().Be(default(BroadcastResult));
    }

    [Fact]
    public void Broadcast_Null_Throws()
    {
        var broadcaster = new Broadcaster();

        broadcaster.Invoking(b => b.Broadcast((PreparedMessage)null!)).Should().Throw<ArgumentNullException>();
        broadcaster.Invoking(b => b.Broadcast((string)null!)).Should().Throw<ArgumentNullException>();
    }
}
