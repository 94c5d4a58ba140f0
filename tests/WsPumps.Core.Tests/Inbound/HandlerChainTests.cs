using System.Net.WebSockets;
using Microsoft.Extensions.Logging.Abstractions;
using WsPumps.Core.Tests.Streaming;
using WsPumps.Inbound;

namespace WsPumps.Core.Tests.Inbound;

public sealed class HandlerChainTests
{
    private static readonly AsyncLocal<string?> OfTheFlow = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Invoke_HandlerSetsSomethingForItsFlow_IsGoneForTheNextMessage(bool waits)
    {
        var seen = new List<string?>();
        var release = new TaskCompletionSource();
        var chain = new HandlerChain(new RecordingClient(), NullLogger.Instance, new ClientOptions(), TimeProvider.System, _ => { })
        {
            Handlers = [(_, _, _) => Handle()],
        };

        var first = chain.InvokeAsync(Message()).AsTask();
        var second = chain.InvokeAsync(Message()).AsTask();
        release.SetResult();
        await Task.WhenAll(first, second).InTime();

        seen.Should().Equal(null, null);

        // No async method, which would end its own flow.
        ValueTask Handle()
        {
            seen.Add(OfTheFlow.Value);
            OfTheFlow.Value = "set";
            return waits ? new ValueTask(release.Task) : default;
        }
    }

    [Fact]
    public async Task Ended_HandlerHeedsItsToken_IsNotWarnedAbout()
    {
        var (clock, log, options) = (new ManualTimeProvider(), new LogRecorder(), new ClientOptions());
        var chain = new HandlerChain(new RecordingClient(), log, options, clock, _ => { })
        {
            Handlers = [async (_, _, token) => await Task.Delay(Timeout.Infinite, token)],
        };
        var dispatcher = new Dispatcher(chain.InvokeAsync, InboundBounds.Of(options, budget: null));
        await dispatcher.DispatchAsync(Message());

        var ended = chain.EndedAsync(dispatcher);
        clock.Advance(options.CloseTimeout);

        await ended.InTime();
        dispatcher.WhenIdleAsync().IsCompleted.Should().BeTrue("what ends afterwards waits for the handler");
        log.EventNames.Should().Equal("HandlerCancelled");
    }

    [Fact]
    public async Task Ended_HandlerDoesNotHeedItsToken_IsWarnedAboutAMomentAfterItWasCancelled()
    {
        var (clock, log, options) = (new ManualTimeProvider(), new LogRecorder(), new ClientOptions());
        var never = new TaskCompletionSource();
        var chain = new HandlerChain(new RecordingClient(), log, options, clock, _ => { })
        {
            Handlers = [async (_, _, _) => await never.Task],
        };
        var dispatcher = new Dispatcher(chain.InvokeAsync, InboundBounds.Of(options, budget: null));
        await dispatcher.DispatchAsync(Message());

        var ended = chain.EndedAsync(dispatcher);
        clock.Advance(options.CloseTimeout);
        // It is cancelled, and has a second.
        await Waiting.Until(() => clock.IsDueIn(TimeSpan.FromSeconds(1)));
        log.EventNames.Should().BeEmpty();
        clock.Advance(TimeSpan.FromSeconds(1));

        await ended.InTime();
        log.EventNames.Should().Equal("HandlerStillRunning");
    }

    [Fact]
    public async Task Invoke_FirstHandlerWaits_SecondIsCalledWhenItHasReturned()
    {
        var calls = new List<int>();
        var release = new TaskCompletionSource();
        var chain = new HandlerChain(new RecordingClient(), NullLogger.Instance, new ClientOptions(), TimeProvider.System, _ => { })
        {
            Handlers =
            [
                (_, _, _) => { calls.Add(1); return default; },
                (_, _, _) => { calls.Add(2); return new ValueTask(release.Task); },
                (_, _, _) => { calls.Add(3); return default; },
            ],
        };

        var invoked = chain.InvokeAsync(Message()).AsTask();
        calls.Should().Equal(1, 2);
        release.SetResult();
        await invoked.InTime();

        calls.Should().Equal(1, 2, 3);
    }

    [Fact]
    public async Task Invoke_HandlerStreamsToAPeerThatGoesAway_IsNoFailureOfTheHandler()
    {
        await using var streaming = new StreamingClient(room: 1024);
        var failures = new List<Exception>();
        var chain = new HandlerChain(streaming.Client, NullLogger.Instance, new ClientOptions(), TimeProvider.System, failures.Add)
        {
            Handlers = [async (client, _, cancellationToken) =>
                await client.SendAsync(new MemoryStream(new byte[1_000_000]), WebSocketMessageType.Binary, cancellationToken: cancellationToken)],
        };
        var invoked = chain.InvokeAsync(Message()).AsTask();
        await streaming.ReadFrameAsync();
        streaming.Client.Abort();
        await invoked.InTime();
        // Nor is it one where the connection has ended before.
        await chain.InvokeAsync(Message()).AsTask().InTime();

        failures.Should().BeEmpty();
    }

    private static ReceivedMessage Message() => new(WebSocketMessageType.Text, [], 0);
}
