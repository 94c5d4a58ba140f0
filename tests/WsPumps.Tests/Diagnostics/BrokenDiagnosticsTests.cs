using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net.WebSockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using WsPumps.Tests.Peers;

namespace WsPumps.Tests.Diagnostics;

/// <summary>Loggers and listeners are the user's code: what they throw undoes no guarantee.</summary>
public sealed class BrokenDiagnosticsTests
{
    [Fact]
    public async Task Logger_ThrowsWithTheLineOfTheEnd_TheConnectionIsUnregisteredAllTheSame()
    {
        await using var host = await PumpsHost.StartAsync(Echo.Endpoint, builder => builder.Logging.AddProvider(new BrokenProvider()));
        var (peer, client) = await host.ConnectPairAsync();

        peer.Abort();

        await host.Callbacks.NextUnregisteredAsync();
        (await client.Completion.InTime()).Reason.Should().Be(DisconnectReason.ConnectionLost);
        host.Broadcaster.Manager.Clients.Should().BeEmpty();
    }

    [Fact]
    public async Task Logger_ThrowsWhenAHandlerFails_TheConnectionIsClosed()
    {
        await using var host = await PumpsHost.StartAsync(
            endpoint => endpoint.OnMessage((_, _, _) => throw new InvalidOperationException()),
            builder => builder.Logging.AddProvider(new BrokenProvider()));
        var (peer, _) = await host.ConnectPairAsync();

        await peer.SendTextAsync("fail");

        (await peer.ReceiveEndAsync()).Should().Be(WebSocketCloseStatus.InternalServerError);
    }

    [Fact]
    public async Task MeterListener_Throws_DeadlinesAreKeptAndHandlersRun()
    {
        await using var host = await PumpsHost.StartAsync(endpoint =>
        {
            endpoint.Options.FirstMessageTimeout = TimeSpan.FromSeconds(10);
            Echo.Endpoint(endpoint);
        });
        var calls = 0;
        using var listener = new MeterListener();
        var factory = host.Services.GetRequiredService<IMeterFactory>();
        listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Scope == factory && instrument.Meter.Name == PumpsMetrics.MeterName)
                listener.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<double>((_, _, _, _) =>
        {
            Interlocked.Increment(ref calls);
            throw new InvalidOperationException("The collector is gone.");
        });
        listener.Start();
        var talking = await host.ConnectKnownAsync();
        await host.Callbacks.NextRegisteredAsync();
        var (silent, _) = await host.ConnectPairAsync();

        host.Clock.Advance(TimeSpan.FromSeconds(10));

        (await silent.ReceiveEndAsync()).Should().Be(WebSocketCloseStatus.PolicyViolation);
        await silent.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None).InTime();
        await host.Callbacks.NextUnregisteredAsync();
        await talking.SendTextAsync("still there?");
        (await talking.ReceiveTextAsync()).Should().Be("still there?");
        calls.Should().BePositive();
        (await host.Logs.FirstAsync("MeterListenerFailed")).Exception!.Message.Should().Be("The collector is gone.");
    }

    [Fact]
    public async Task ActivityListener_Throws_HandlersRun()
    {
        await using var host = await PumpsHost.StartAsync(Echo.Endpoint);
        var (peer, client) = await host.ConnectPairAsync();
        var stopped = 0;
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == PumpsMetrics.MeterName,
            Sample = (ref _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                if (!Equals(activity.GetTagItem("wspumps.connection.id"), client.Id))
                    return;

                Interlocked.Increment(ref stopped);
                throw new InvalidOperationException();
            },
        };
        ActivitySource.AddActivityListener(listener);

        await peer.SendTextAsync("hello");

        (await peer.ReceiveTextAsync()).Should().Be("hello");
        await peer.SendTextAsync("again");
        (await peer.ReceiveTextAsync()).Should().Be("again");
        stopped.Should().BePositive();
    }

    private sealed class BrokenProvider : ILoggerProvider
    {
        public ILogger CreateLogger(string categoryName) => new Logger(categoryName == "WsPumps");

        public void Dispose()
        {
        }

        private sealed class Logger(bool isBroken) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull => null;

            public bool IsEnabled(LogLevel logLevel) => true;

            public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            {
                if (isBroken)
                    throw new InvalidOperationException("The log is full.");
            }
        }
    }
}
