using System.Net.WebSockets;

namespace WsPumps.Testing.Tests;

public sealed class RecordingClientTests
{
    [Fact]
    public async Task Write_Scripted_KeepsMessagesAndAnswers()
    {
        var answers = new Queue<WriteResult>([WriteResult.Queued, WriteResult.Dropped]);
        var client = new RecordingClient { Respond = _ => answers.Dequeue() };

        client.Write("first").Should().Be(WriteResult.Queued);
        (await client.WriteAsync("second")).Should().Be(WriteResult.Dropped);

        client.WrittenTexts.Should().Equal("first", "second");
        client.Writes.Should().Be(2);
    }

    [Fact]
    public async Task Close_Recorded_EndsTheClient()
    {
        var client = new RecordingClient();

        await client.CloseAsync(WebSocketCloseStatus.PolicyViolation, "rules");

        (await client.Closed.InTime())
            .Should().Be(new RecordedClose { Status = WebSocketCloseStatus.PolicyViolation, Reason = "rules" });
        (await client.Completion.InTime()).LocalReason.Should().Be("rules");
        client.Write("late").Should().Be(WriteResult.Closed);
    }

    [Fact]
    public void Broadcast_ToRecordingClients_ReachesThem()
    {
        var manager = new Manager();
        var (alice, bob) = (new RecordingClient(), new RecordingClient());
        manager.Register(alice);
        manager.Register(bob);
        var broadcaster = new Broadcaster(manager);
        broadcaster.Join(alice, "room");

        broadcaster.Group("room").Write("to the room").Queued.Should().Be(1);

        alice.WrittenTexts.Should().Equal("to the room");
        bob.Written.Should().BeEmpty();
    }
}
