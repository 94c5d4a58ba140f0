namespace WsPumps.Core.Tests.Lifetime;

public sealed class ConnectionSessionTests
{
    /// <summary>Whoever hears of a number of missed messages believes that the session is lost, and does not look for it elsewhere.</summary>
    [Fact]
    public async Task Claim_SessionEndsWhileTheOlderConnectionIsLeft_SaysOfNoMessageThatItIsMissed()
    {
        var (stream, peer) = DuplexStream.Pair(0);
        await using var disposing = peer;
        using var socket = new StreamWebSocket(stream);
        var client = new Client(socket, new ClientSettings { Resume = new ResumeOptions(), TimeProvider = new ManualTimeProvider() });
        client.Events.Away += _ => client.Abort();
        var writing = client.WritePumpAsync(_ => { }, TimeSpan.Zero, default);
        // The older connection is left when it is read from, which is not yet.
        var claiming = client.ClaimAsync(0).AsTask();
        claiming.IsCompleted.Should().BeFalse();

        var reading = client.ReadPumpAsync(_ => { }, [], default);

        (await claiming.InTime()).Should().Match<ResumeClaim>(claim => !claim.IsGranted && claim.MessagesMissed == null);
        await Task.WhenAll(writing, reading).InTime();
    }
}
