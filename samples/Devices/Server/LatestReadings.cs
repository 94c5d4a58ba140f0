using System.Collections.Concurrent;
using WsPumps;

namespace Devices.Server;

/// <summary>What each device measured last, and whether it is there.</summary>
internal sealed class LatestReadings(Broadcaster broadcaster)
{
    private readonly ConcurrentDictionary<string, double> _values = new();

    public IEnumerable<DeviceStatus> All => _values.OrderBy(value => value.Key, StringComparer.Ordinal)
        .Select(value => new DeviceStatus(value.Key, value.Value, broadcaster.User(value.Key).Local.Count > 0));

    public void Add(string device, double value) => _values[device] = value;
}

internal sealed record DeviceStatus(string Id, double Value, bool Connected);
