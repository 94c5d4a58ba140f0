using WsPumps.Sessions;

namespace WsPumps.Core.Tests.Sessions;

public sealed class WriteUnderWayTests
{
    private WriteUnderWay _write;

    [Fact]
    public void WhenEnded_NoneIsUnderWay_CompletesAtOnce()
    {
        _write.WhenEnded().IsCompleted.Should().BeTrue();

        _write.Set(isUnderWay: true);
        _write.End();

        _write.WhenEnded().IsCompleted.Should().BeTrue();
    }

    [Fact]
    public async Task WhenEnded_OneIsUnderWay_CompletesWithIt()
    {
        _write.Set(isUnderWay: true);
        var ended = _write.WhenEnded();
        ended.IsCompleted.Should().BeFalse();

        _write.End();

        await ended.InTime();
    }
}
