using System.Diagnostics;
using WsPumps.Load.Client;
using WsPumps.Load.Running;

namespace WsPumps.Load.Scenarios;

/// <summary>Drives a <see cref="Traffic"/> through warm-up, measurement and end, and gives up where nothing arrives any more.</summary>
internal sealed class TrafficRun(Stage stage, Traffic traffic)
{
    /// <summary>In a second: what starts now and then is not what is measured.</summary>
    private const int FewMethods = 4;

    private const int PollMilliseconds = 10;

    private static readonly TimeSpan StallLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan OneSecond = TimeSpan.FromSeconds(1);

    private long _delivered;
    private long _lastProgress = Stopwatch.GetTimestamp();
    private bool _isStalled;

    /// <summary>At least as long as asked for, and then until the runtime compiles hardly anything any more.</summary>
    public void WarmUp()
    {
        for (var started = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(started) < stage.Lengths.Quiet;)
            stage.Loop.Poll(PollMilliseconds);
        traffic.Start();
        RunFor(stage.Lengths.WarmUp);
        for (var i = 0; i < stage.Lengths.MaxSettling; i++)
        {
            var before = stage.Server.CountCompiled();
            RunFor(OneSecond);
            if (stage.Server.CountCompiled() - before is null or < FewMethods)
                return;
        }
    }

    /// <param name="times">How many times as long as usual.</param>
    public Sample Measure(int times = 1)
    {
        var before = traffic.Delivered;
        var latency = traffic.Latency = new LatencyHistogram();
        var measurement = new Measurement(stage.Server, stage.Loop);
        RunFor(stage.Lengths.Measured * times);
        traffic.Latency = null;
        return _isStalled ? Stalled()
            : traffic.Delivered == before ? Sample.Failed("nothing arrived while it was measured")
            : measurement.Finish(traffic.Delivered - before, latency);
    }

    /// <summary>Waits until everything has arrived, and says so if it does not.</summary>
    public Sample Finish(Sample sample)
    {
        if (_isStalled)
            return Stalled();

        traffic.IsStopping = true;
        Run(() => traffic.IsDrained);
        return sample with { Fault = sample.Fault ?? traffic.Fault() };
    }

    private static Sample Stalled() => Sample.Failed($"hangs: nothing arrived for {StallLimit.TotalSeconds} s");

    private void RunFor(TimeSpan duration)
    {
        var started = Stopwatch.GetTimestamp();
        Run(() => Stopwatch.GetElapsedTime(started) >= duration);
    }

    private void Run(Func<bool> isDone)
    {
        _lastProgress = Stopwatch.GetTimestamp();
        while (!_isStalled && !isDone())
        {
            stage.Loop.Poll(traffic.SendDue());
            if (traffic.Delivered != _delivered)
                (_delivered, _lastProgress) = (traffic.Delivered, Stopwatch.GetTimestamp());
            else
                _isStalled = Stopwatch.GetElapsedTime(_lastProgress) > StallLimit;
        }
    }
}
