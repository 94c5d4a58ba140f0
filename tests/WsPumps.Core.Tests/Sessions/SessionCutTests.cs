namespace WsPumps.Core.Tests.Sessions;

public sealed class SessionCutTests
{
    /// <summary>More at once would only wait for each other.</summary>
    private static readonly ParallelOptions Limited = new() { MaxDegreeOfParallelism = Environment.ProcessorCount };

    [Fact]
    public Task Cuts_RingSuffices_NothingIsLostDoubledOrOutOfOrder() => RunAsync(100);

    [Fact]
    [Trait("Category", "Stress")]
    public Task Cuts_ManyTimes_NothingIsLostDoubledOrOutOfOrder() => RunAsync(10_000);

    [Fact]
    public async Task Cuts_RingIsTooSmall_IsToldAndNeverDoneWrong()
    {
        var told = 0;
        await Parallel.ForAsync(0, 100, Limited, async (seed, _) =>
        {
            var session = new CutSession(seed, new ResumeOptions { MaxMessages = 4 });

            var missed = await session.RunAsync();

            CutSession.Sent.Should().StartWith(session.PeerGot, "of seed {0}", seed);
            CutSession.SentByPeer.Should().StartWith(session.ServerGot, "of seed {0}", seed);
            if (missed is null)
                session.PeerGot.Should().HaveCount(CutSession.Sent.Count());
            else
                Interlocked.Increment(ref told);
        });
        told.Should().BeGreaterThan(10);
    }

    private static async Task RunAsync(int runs)
    {
        var resumes = 0;
        await Parallel.ForAsync(0, runs, Limited, async (seed, _) =>
        {
            var session = new CutSession(seed, new ResumeOptions());

            (await session.RunAsync()).Should().BeNull("of seed {0}", seed);

            session.PeerGot.Should().Equal(CutSession.Sent, "of seed {0}", seed);
            session.ServerGot.Should().Equal(CutSession.SentByPeer, "of seed {0}", seed);
            Interlocked.Add(ref resumes, session.Resumes);
        });
        resumes.Should().BeGreaterThan(runs);
    }
}
