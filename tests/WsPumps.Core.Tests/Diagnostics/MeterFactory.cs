using System.Diagnostics.Metrics;

namespace WsPumps.Core.Tests.Diagnostics;

/// <summary>Makes meters as an application's services do: of one name there is one.</summary>
internal sealed class MeterFactory : IMeterFactory
{
    private readonly Dictionary<string, Meter> _meters = [];

    public Meter Create(MeterOptions options)
    {
        if (!_meters.TryGetValue(options.Name, out var meter))
            _meters.Add(options.Name, meter = new Meter(options.Name, options.Version, options.Tags, scope: this));
        return meter;
    }

    public void Dispose()
    {
        foreach (var meter in _meters.Values)
            meter.Dispose();
    }
}
