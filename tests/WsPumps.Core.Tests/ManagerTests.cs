using System.Net.WebSockets;

namespace WsPumps.Core.Tests;

public class ManagerTests
{
    [Fact]
    public void Register_SameClientTwice_IsThereOnce()
    {
        var manager = new Manager();
        var client = new RecordingClient { EndsWhenClosed = false };

        manager.Register(client);
        manager.Register(client);

        manager.Clients.Should().Equal(client);
        manager.Clients.Count.Should().Be(1);
    }

    [Fact]
    public void Register_OtherClientUnderSameId_Throws()
    {
        var manager = new Manager();
        manager.Register(new RecordingClient { EndsWhenClosed = false, Id = "a" });

        var register = () => manager.Register(new RecordingClient { EndsWhenClosed = false, Id = "a" });

        register.Should().Throw<ArgumentException>().WithMessage("*'a'*unique*");
    }

    [Fact]
    public void Unregister_OtherClientUnderSameId_LeavesTheFirst()
    {
        var manager = new Manager();
        var first = new RecordingClient { EndsWhenClosed = false, Id = "a" };
        manager.Register(first);

        manager.Unregister(new RecordingClient { EndsWhenClosed = false, Id = "a" });

        manager.Clients.Should().Equal(first);
    }

    [Fact]
    public void Unregister_NeverRegistered_IsHarmless()
    {
        var manager = new Manager();

        manager.Unregister(new RecordingClient { EndsWhenClosed = false });

        manager.Clients.Should().BeEmpty();
    }

    [Fact]
    public void Clients_ChangedWhileEnumerated_GoesOn()
    {
        var manager = new Manager();
        for (var i = 0; i < 100; i++)
            manager.Register(new RecordingClient { EndsWhenClosed = false });

        foreach (var client in manager.Clients)
        {
            manager.Unregister(client);
            manager.Register(new RecordingClient { EndsWhenClosed = false, Id = client.Id });
        }

        manager.Clients.Count.Should().Be(100);
    }

    [Fact]
    public void Constructor_DrainTimeoutNotPositive_Throws()
    {
        var create = () => new Manager(new ManagerSettings { Drain = new DrainOptions { Timeout = TimeSpan.Zero } });

        create.Should().Throw<ArgumentException>().WithMessage("Drain.Timeout is 00:00:00; it must be between*");
    }

    [Fact]
    public async Task RunAsync_TokenFires_ClosesAllWith1001AndEndsWithThem()
    {
        var manager = new Manager();
        var clients = Enumerable.Range(0, 10).Select(_ => new RecordingClient { EndsWhenClosed = false }).ToList();
        clients.ForEach(manager.Register);
        using var stopping = new CancellationTokenSource();
        var running = manager.RunAsync(stopping.Token);

        await stopping.CancelAsync();
        foreach (var client in clients)
        {
            running.IsCompleted.Should().BeFalse();
            (await client.Closed.InTime()).Status.Should().Be((WebSocketCloseStatus)1001);
            client.End();
        }

        await running.InTime();
    }

    [Fact]
    public async Task RunAsync_ClientDoesNotLeave_IsAbortedAtTheDeadline()
    {
        var clock = new ManualTimeProvider();
        var manager = new Manager(new ManagerSettings { Drain = new DrainOptions { Timeout = TimeSpan.FromSeconds(5) }, TimeProvider = clock });
        var stubborn = new RecordingClient { EndsWhenClosed = false };
        manager.Register(stubborn);
        using var stopping = new CancellationTokenSource();
        var running = manager.RunAsync(stopping.Token);

        await stopping.CancelAsync();
        await stubborn.Closed.InTime();
        await clock.AdvanceUntil(running, TimeSpan.FromSeconds(1));

        stubborn.IsAborted.Should().BeTrue();
        clock.Elapsed.Should().BeGreaterThanOrEqualTo(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task Register_WhileDraining_IsClosedToo()
    {
        var manager = new Manager();
        var first = new RecordingClient { EndsWhenClosed = false };
        manager.Register(first);
        using var stopping = new CancellationTokenSource();
        var running = manager.RunAsync(stopping.Token);
        await stopping.CancelAsync();
        await first.Closed.InTime();

        var late = new RecordingClient { EndsWhenClosed = false };
        manager.Register(late);

        (await late.Closed.InTime()).Status.Should().Be((WebSocketCloseStatus)1001);
        first.End();
        running.IsCompleted.Should().BeFalse("the late one is waited for too");
        late.End();
        await running.InTime();
    }

    [Fact]
    public async Task RunAsync_ClientThrowsOnClose_OthersAreStillClosed()
    {
        var manager = new Manager();
        var broken = new RecordingClient { EndsWhenClosed = false, OnClose = static _ => throw new InvalidOperationException("A client that breaks its contract.") };
        var other = new RecordingClient { EndsWhenClosed = false };
        manager.Register(broken);
        manager.Register(other);
        using var stopping = new CancellationTokenSource();
        var running = manager.RunAsync(stopping.Token);

        await stopping.CancelAsync();
        await other.Closed.InTime();
        other.End();

        await running.InTime();
    }

    [Fact]
    public async Task RegisterUnregister_FromManyThreadsDuringBroadcasts_EndsEmpty()
    {
        var broadcaster = new Broadcaster(new Manager());
        var message = PreparedMessage.Text("x");
        using var done = new CancellationTokenSource();
        var broadcasting = Background.Repeat(() => broadcaster.All.Write(message), done.Token);

        await Parallel.ForAsync(0, 20_000, (_, _) =>
        {
            var client = new RecordingClient { EndsWhenClosed = false };
            broadcaster.Manager.Register(client);
            broadcaster.Manager.Unregister(client);
            return ValueTask.CompletedTask;
        }).InTime();
        await done.CancelAsync();
        await broadcasting.InTime();

        broadcaster.Manager.Clients.Should().BeEmpty();
    }
}
