using Microsoft.Extensions.Logging;
using WsPumps.Hosting;

namespace WsPumps.Dashboard;

/// <summary>
/// Keeps what a viewer wants to know from before it looked: an hour of figures, and what happened to connections. One for an application;
/// it looks at each connection every five seconds, and does nothing for a message.
/// </summary>
internal sealed partial class DashboardRecorder : IDisposable
{
    private const int MaxSamples = 720;

    public static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    private readonly PumpsServer _server;
    private readonly Sampler _sampler;
    private readonly PeriodicTimer _timer;

    public DashboardRecorder(PumpsServer server)
    {
        _server = server;
        Connections = new KnownConnections(server.Time);
        _sampler = new Sampler(server, Connections);
        _timer = new PeriodicTimer(Period, server.Time);
    }

    public KnownConnections Connections { get; }

    public Ring<Sample> History { get; } = new(MaxSamples);

    /// <summary>Begins, once.</summary>
    public void Start()
    {
        if (_server.Observer is not null)
            return;

        _server.Observer = Connections;
        History.Add(_sampler.Take());
        _ = RunAsync();
    }

    public void Dispose() => _timer.Dispose();

    /// <summary>Ends when the timer is disposed, with the application. Never faults.</summary>
    private async Task RunAsync()
    {
        while (await _timer.WaitForNextTickAsync())
        {
            try
            {
                History.Add(_sampler.Take());
            }
            catch (Exception exception)
            {
                Log.SampleFailed(_server.Logger, exception);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(154, LogLevel.Error, "The dashboard could not take a sample of the figures. It is tried again in some seconds.",
            EventName = "DashboardSampleFailed")]
        public static partial void SampleFailed(ILogger logger, Exception exception);
    }
}
