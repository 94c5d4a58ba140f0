using System.Net.WebSockets;

namespace WsPumps.Core.Tests.Streaming;

/// <summary>What a message that is streamed does to a session: it is not kept, so nobody can go on from within it.</summary>
public sealed class StreamedSessionTests
{
    private static readonly ClientSettings Resuming = new() { Resume = new ResumeOptions { Window = TimeSpan.FromMinutes(5) } };

    [Fact]
    public async Task Connection_LostWithinAMessage_EndsTheSessionAndTellsTheWriter()
    {
        await using var streaming = new StreamingClient(settings: Resuming);
        await using var message = await streaming.OpenAsync();
        await message.FlushAsync();
        await message.WriteAsync(new byte[10]);
        await message.FlushAsync().InTime();
        await streaming.ReadFrameAsync();
        streaming.Peer.Reset();

        (await streaming.EndAsync()).Should().Match<DisconnectRecord>(record => record.Reason == DisconnectReason.ConnectionLost && record.MessagesUnsent == 1);
        await message.Awaiting(open => open.CompleteAsync().InTime()).Should().ThrowAsync<IOException>();
    }

    [Fact]
    public async Task Claim_WithinAMessage_IsRefused()
    {
        await using var streaming = new StreamingClient(settings: Resuming);
        await using var message = await streaming.OpenAsync();
        await message.WriteAsync(new byte[10]);
        await message.FlushAsync().InTime();
        await streaming.ReadFrameAsync();

        (await streaming.Client.ClaimAsync(0).InTime()).IsGranted.Should().BeFalse();
        (await streaming.EndAsync()).Reason.Should().Be(DisconnectReason.ConnectionLost);
    }

    [Theory]
    [InlineData(2, true)]
    [InlineData(1, false)]
    public async Task Claim_BehindAMessage_IsGrantedToAPeerThatHasIt(int received, bool granted)
    {
        await using var streaming = new StreamingClient(settings: Resuming);
        streaming.Client.Write("before");
        await using var message = await streaming.OpenAsync();
        await message.WriteAsync(new byte[100_000]).InTime();
        await message.CompleteAsync().InTime();
        (await streaming.ReadFrameAsync()).Text.Should().Be("before");
        await streaming.ReadMessageAsync();
        streaming.Client.Write("behind");
        (await streaming.ReadFrameAsync()).Text.Should().Be("behind");
        streaming.Peer.Reset();

        (await streaming.Client.ClaimAsync(received).InTime()).Should().Match<ResumeClaim>(claim => claim.IsGranted == granted && (granted || claim.MessagesMissed == 1));
    }

    [Fact]
    public async Task Open_ClientIsAway_SaysSo()
    {
        await using var streaming = new StreamingClient(settings: Resuming);
        var away = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        streaming.Client.Events.Away += _ => away.TrySetResult();
        streaming.Peer.Reset();
        await away.Task.InTime();

        await streaming.Client.Awaiting(client => client.OpenMessageAsync(WebSocketMessageType.Text).AsTask()).Should().ThrowAsync<IOException>().WithMessage("*is away*");
    }
}
