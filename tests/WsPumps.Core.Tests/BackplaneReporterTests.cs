namespace WsPumps.Core.Tests;

public sealed class BackplaneReporterTests
{
    private readonly ManualTimeProvider _clock = new();
    private readonly List<BackplaneStatus> _told = [];
    private readonly BackplaneReporter _reporter;

    public BackplaneReporterTests() => _reporter = new BackplaneReporter(_clock);

    [Fact]
    public void Lost_NeverConnected_StaysConnectingSinceTheBegin()
    {
        var began = _clock.GetUtcNow();
        _reporter.Begin(new Receiver(_told));
        _clock.Advance(TimeSpan.FromSeconds(3));

        _reporter.Lost("refused");

        _reporter.Status.Should().Be(new BackplaneStatus { State = BackplaneState.Connecting, Since = began, Error = "refused" });
        _told.Should().Equal(_reporter.Status);
    }

    [Fact]
    public void Lost_AgainAndAgain_TellsEachReasonAndSinceWhen()
    {
        _reporter.Begin(new Receiver(_told));
        _reporter.Connected();
        _clock.Advance(TimeSpan.FromSeconds(1));
        var lostAt = _clock.GetUtcNow();

        _reporter.Lost("reset");
        _clock.Advance(TimeSpan.FromSeconds(1));
        _reporter.Lost("refused");

        _told.Select(status => (status.State, status.Error)).Should().Equal((BackplaneState.Connected, null), (BackplaneState.Lost, "reset"), (BackplaneState.Lost, "refused"));
        _told[^1].Since.Should().Be(lostAt);
    }

    [Fact]
    public void End_WhateverIsReportedLater_NobodyIsTold()
    {
        _reporter.Begin(new Receiver(_told));
        _reporter.Connected();

        _reporter.End();
        _reporter.Connected();

        _told.Should().ContainSingle();
        _reporter.Status.State.Should().Be(BackplaneState.Lost);
    }

    [Fact]
    public void Receiver_BeforeTheBegin_IsAnErrorThatSaysWhatToDo() =>
        FluentActions.Invoking(() => _reporter.Receiver).Should().Throw<InvalidOperationException>().WithMessage("*IBackplane.StartAsync*");

    private sealed class Receiver(List<BackplaneStatus> told) : IBackplaneReceiver
    {
        public void Receive(string channel, ReadOnlyMemory<byte> data)
        {
        }

        public void StatusChanged(BackplaneStatus status) => told.Add(status);

        public void Writable()
        {
        }
    }
}
