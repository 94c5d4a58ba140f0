using System.Net.WebSockets;
using WsPumps.Core.Tests.Wire;

namespace WsPumps.Core.Tests.Transports;

/// <summary>On a manual clock: its timer runs inside Advance.</summary>
public sealed class SocketKeepAliveTests : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(2);

    private readonly ManualTimeProvider _clock = new();
    private readonly SocketUnderTest _test;

    public SocketKeepAliveTests() => _test = new SocketUnderTest(
        SocketKind.Ours, options: new StreamWebSocketOptions { TimeProvider = _clock, KeepAliveInterval = Interval, KeepAliveTimeout = Timeout });

    public void Dispose() => _test.Dispose();

    [Fact]
    public async Task Ping_PeerIsQuiet_ComesAfterTheIntervalAndNotBefore()
    {
        var receiving = _test.ReceiveMessageAsync();
        _clock.Advance(Interval - Moment);
        var first = _test.ReadFrameAsync();
        first.IsCompleted.Should().BeFalse();

        _clock.Advance(2 * Moment);

        (await first).Opcode.Should().Be(WireOpcode.Ping);
        await EndAsync(receiving);
    }

    [Fact]
    public async Task Ping_PeerSendsAllTheTime_NeverComes()
    {
        for (var i = 0; i < 10; i++)
        {
            var receiving = _test.ReceiveMessageAsync();
            _clock.Advance(Interval - Moment);
            await EndAsync(receiving);
        }

        await _test.Socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None).InTime();
        (await _test.ReadFrameAsync()).Opcode.Should().Be(WireOpcode.Close, "nothing came before it");
    }

    [Fact]
    public async Task Peer_AnswersNothing_IsCutAfterTheTimeout()
    {
        var receiving = _test.ReceiveMessageAsync();
        _clock.Advance(Interval);
        (await _test.ReadFrameAsync()).Opcode.Should().Be(WireOpcode.Ping);

        _clock.Advance(Timeout - Moment);
        _test.Socket.State.Should().Be(WebSocketState.Open);
        _clock.Advance(2 * Moment);

        _test.Socket.State.Should().Be(WebSocketState.Aborted);
        await ((Func<Task>)(() => receiving)).Should().ThrowAsync<OperationCanceledException>();
        _clock.ActiveTimers.Should().Be(0);
    }

    [Fact]
    public async Task Peer_AnswersWithAnyFrame_IsAskedAgainAfterTheInterval()
    {
        var receiving = _test.ReceiveMessageAsync();
        for (var round = 0; round < 3; round++)
        {
            _clock.Advance(Interval + Moment);
            (await _test.ReadFrameAsync()).Opcode.Should().Be(WireOpcode.Ping);
            await _test.SendAsync(ClientFrame.Ping([1]));
            (await _test.ReadFrameAsync()).Opcode.Should().Be(WireOpcode.Pong);
        }

        _test.Socket.State.Should().Be(WebSocketState.Open);
        await EndAsync(receiving);
    }

    /// <summary>Nobody has read what it may have sent.</summary>
    [Fact]
    public async Task Peer_NobodyReceives_IsNotCut()
    {
        _clock.Advance(10 * (Interval + Timeout));

        _test.Socket.State.Should().Be(WebSocketState.Open);
        await EndAsync(_test.ReceiveMessageAsync());
    }

    /// <summary>The process did not run: the answer may wait in the kernel.</summary>
    [Fact]
    public async Task Pause_LongerThanTheTimeout_PeerHasTheRestOfItsTime()
    {
        var receiving = _test.ReceiveMessageAsync();
        _clock.Advance(Interval);
        (await _test.ReadFrameAsync()).Opcode.Should().Be(WireOpcode.Ping);

        _clock.Jump(10 * Timeout);
        _test.Socket.State.Should().Be(WebSocketState.Open);
        await _test.SendAsync(ClientFrame.Pong());
        await EndAsync(receiving);
        receiving = _test.ReceiveMessageAsync();

        _clock.Advance(Interval);
        (await _test.ReadFrameAsync()).Opcode.Should().Be(WireOpcode.Ping);
        _clock.Jump(10 * Timeout);
        _clock.Advance(Timeout + Moment);
        _test.Socket.State.Should().Be(WebSocketState.Aborted, "it goes on to be silent");
        await ((Func<Task>)(() => receiving)).Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public void Dispose_LeavesNoTimer()
    {
        _clock.ActiveTimers.Should().Be(1);

        _test.Socket.Dispose();

        _clock.ActiveTimers.Should().Be(0);
    }

    private async Task EndAsync(Task receiving)
    {
        await _test.SendAsync(ClientFrame.Text("end"));
        await receiving;
    }
}
