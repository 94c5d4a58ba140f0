using Microsoft.Extensions.Logging.Abstractions;
using WsPumps.Diagnostics;

namespace WsPumps.Core.Tests.Diagnostics;

public sealed class SafeEventsTests
{
    private readonly LogRecorder _log = new();

    [Fact]
    public void Raise_NobodyHasSubscribed_AllocatesNothing()
    {
        SafeEvents.Raise<int>(null, 1, "Event", "id", _log);

        var before = GC.GetAllocatedBytesForCurrentThread();
        SafeEvents.Raise<int>(null, 1, "Event", "id", _log);

        (GC.GetAllocatedBytesForCurrentThread() - before).Should().Be(0);
    }

    [Fact]
    public void Raise_SubscriberThrows_TheOthersAreToldAndItIsLogged()
    {
        var told = new List<int>();
        Action<int> subscribers = _ => throw new InvalidOperationException();
        subscribers += told.Add;

        SafeEvents.Raise(subscribers, 1, "Event", "id", _log);

        told.Should().Equal(1);
        _log.EventNames.Should().Equal("SubscriberFailed");
    }

    [Fact]
    public void Raise_SubscriberAndLoggerThrow_TheNextEventIsTold()
    {
        var logger = SafeLogger.Of(new ThrowingLogger());
        var told = 0;

        SafeEvents.Raise<int>(_ => throw new InvalidOperationException(), 1, "Event", "id", logger);
        SafeEvents.Raise<int>(_ => told++, 1, "Event", "id", logger);

        told.Should().Be(1);
    }

    [Fact]
    public void Raise_InsideASubscriber_IsToldNextNotDeeper()
    {
        var order = new List<string>();

        SafeEvents.Raise(Told, "outer", "Event", "id", NullLogger.Instance);

        order.Should().Equal("outer begins", "outer ends", "inner begins", "inner ends");

        void Told(string what)
        {
            order.Add(what + " begins");
            if (what == "outer")
                SafeEvents.Raise(Told, "inner", "Event", "id", NullLogger.Instance);
            order.Add(what + " ends");
        }
    }

    [Fact]
    public async Task Raise_SubscriberThatCausesItsOwnEventForEver_GivesTheThreadBack()
    {
        var count = 0;
        var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        SafeEvents.Raise(Again, 1, "Event", "id", NullLogger.Instance);

        // It goes on elsewhere, and no stack grows.
        await enough.Task.InTime();

        void Again(int value)
        {
            if (Interlocked.Increment(ref count) == 100_000)
                enough.SetResult();
            else
                SafeEvents.Raise(Again, value, "Event", "id", NullLogger.Instance);
        }
    }
}
