using System.Diagnostics.Metrics;
using System.Net.WebSockets;
using Microsoft.Extensions.Logging.Abstractions;
using WsPumps.Inbound;

namespace WsPumps.Core.Tests.Diagnostics;

/// <summary>What nobody listens to costs nothing.</summary>
public sealed class SilenceTests
{
    private const int Times = 1000;

    [Fact]
    public void Handlers_NobodyListens_NothingIsAllocated()
    {
        using var factory = new MeterFactory();
        var chain = Chain(new PumpsMetrics(factory));

        AllocatedBy(chain).Should().Be(0);
    }

    [Fact]
    public void Handlers_SomebodyListensToTheirDuration_EachIsMeasuredAndNothingIsAllocated()
    {
        using var factory = new MeterFactory();
        var chain = Chain(new PumpsMetrics(factory));
        var measured = 0;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Scope == factory && instrument.Name == "wspumps.handler.duration")
                listener.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<double>((_, _, _, _) => measured++);
        listener.Start();

        AllocatedBy(chain).Should().Be(0);
        measured.Should().Be(2 * Times);
    }

    [Fact]
    public void Broadcasts_NobodyListens_NothingIsAllocated()
    {
        using var factory = new MeterFactory();
        var broadcaster = new Broadcaster(new Manager(new ManagerSettings { Metrics = new PumpsMetrics(factory) }));
        var message = PreparedMessage.Text("hello");

        AllocatedBy(() => broadcaster.All.Write(message)).Should().Be(0);
    }

    private static HandlerChain Chain(PumpsMetrics metrics) =>
        new(new RecordingClient(), NullLogger.Instance, new ClientOptions(), TimeProvider.System, _ => { }, metrics) { Handlers = [(_, _, _) => default] };

    private static long AllocatedBy(HandlerChain chain)
    {
        var message = new ReceivedMessage(WebSocketMessageType.Text, new byte[8], 8);
        return AllocatedBy(() => Complete(chain.InvokeAsync(message)));
    }

    private static void Complete(ValueTask handled)
    {
        if (!handled.IsCompletedSuccessfully)
            throw new InvalidOperationException("The handler was to complete at once.");
    }

    /// <summary>On this thread, once everything has run as often before.</summary>
    private static long AllocatedBy(Action act)
    {
        for (var i = 0; i < Times; i++)
            act();

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Times; i++)
            act();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
