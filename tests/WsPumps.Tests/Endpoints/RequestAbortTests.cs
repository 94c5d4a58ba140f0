using Microsoft.AspNetCore.Http.Features;
using WsPumps.Endpoints;

namespace WsPumps.Tests.Endpoints;

public sealed class RequestAbortTests
{
    [Fact]
    public void Abort_Twice_IsDoneOnce()
    {
        var request = new Request();
        var abort = new RequestAbort(request);

        abort.Abort();
        abort.Abort();

        request.Aborts.Should().Be(1);
    }

    [Fact]
    public void Abort_AfterTheRequest_DoesNothing()
    {
        var request = new Request();
        var abort = new RequestAbort(request);
        abort.Disarm();

        abort.Abort();

        request.Aborts.Should().Be(0);
    }

    /// <summary>The server may use its objects again as soon as the request has ended, so it must not end while one is aborting.</summary>
    [Fact]
    public async Task Disarm_WhileAnotherThreadAborts_WaitsForIt()
    {
        using var entered = new ManualResetEventSlim();
        using var release = new ManualResetEventSlim();
        var request = new Request
        {
            OnAbort = () =>
            {
                entered.Set();
                release.Wait(Limit.Time).Should().BeTrue();
            },
        };
        var abort = new RequestAbort(request);
        var aborting = OnThreadOfItsOwn(abort.Abort);
        entered.Wait(Limit.Time).Should().BeTrue();

        var disarming = OnThreadOfItsOwn(abort.Disarm);
        // It can only be seen that it has not returned in a while.
        (await Task.WhenAny(disarming, Task.Delay(50))).Should().NotBeSameAs(disarming);
        release.Set();

        await disarming.InTime();
        await aborting.InTime();
        request.Aborts.Should().Be(1);
    }

    [Fact]
    public void Disarm_OnTheThreadThatAborts_DoesNotWaitForItself()
    {
        RequestAbort abort = null!;
        var request = new Request { OnAbort = () => abort.Disarm() };
        abort = new RequestAbort(request);

        abort.Abort();

        request.Aborts.Should().Be(1);
    }

    private static Task OnThreadOfItsOwn(Action action) => Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private sealed class Request : IHttpRequestLifetimeFeature
    {
        public int Aborts { get; private set; }

        public Action? OnAbort { get; init; }

        public CancellationToken RequestAborted { get; set; }

        public void Abort()
        {
            Aborts++;
            OnAbort?.Invoke();
        }
    }
}
