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
    private static readonly TimeSpan SettleTime = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan OneSecond = TimeSpan.FromSeconds(1);

    /// <summary>The time after a cold start that is compared with what comes after <see cref="WarmAfter"/>.</summary>
    private static readonly TimeSpan ColdTime = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan WarmAfter = TimeSpan.FromSeconds(30);

    private long _delivered;
    private long _lastProgress = Stopwatch.GetTimestamp();
    private bool _isStalled;

    /// <summary>The whole of it; of a cold start where that is asked for.</summary>
    public Sample Run()
    {
        if (stage.Mode.IsCold)
            return RunCold();

        WarmUp();
        return Finish(Measure());
    }

    /// <summary>Goes over to this traffic on a server that is warm.</summary>
    public void Settle()
    {
        traffic.Start();
        RunFor(SettleTime);
    }

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
    public Sample Measure(int times = 1) => Measure(stage.Lengths.Measured * times);

    /// <summary>Waits until everything has arrived, and says so if it does not.</summary>
    public Sample Finish(Sample sample)
    {
        if (_isStalled)
            return Stalled();

        traffic.IsStopping = true;
        Run(() => traffic.IsDrained);
        return sample with { Fault = sample.Fault ?? traffic.Fault() };
    }

    private Sample RunCold()
    {
        traffic.Start();
        var cold = Measure(ColdTime);
        RunFor(WarmAfter - ColdTime);
        var warm = Measure(stage.Lengths.Measured);
        return Finish(cold.Fault is not null ? cold : warm.Fault is not null ? warm : warm.With(
            (Figure.CpuCold, cold.Values[Figure.Cpu]),
            (Figure.CpuRatio, cold.Values[Figure.Cpu] / warm.Values[Figure.Cpu])));
    }

    private Sample Measure(TimeSpan duration)
    {
        var before = traffic.Delivered;
        var latency = traffic.Latency = traffic.HasStamps ? new LatencyHistogram() : null;
        var measurement = new Measurement(stage.Server, stage.Loop);
        RunFor(duration);
        traffic.Latency = null;
        return _isStalled ? Stalled()
            : traffic.Delivered == before ? Sample.Failed("nothing arrived while it was measured")
            : measurement.Finish(traffic.Delivered - before, latency);
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
