using System.Collections.Concurrent;
using WsPumps;

namespace Devices.Server;

/// <summary>What each device measured last, and whether it is there.</summary>
internal sealed class LatestReadings(Broadcaster broadcaster)
{
    private readonly ConcurrentDictionary<string, double> _values = new();

    public IEnumerable<DeviceStatus> All => _values.OrderBy(value => value.Key, StringComparer.Ordinal).Select(value => StatusOf(value.Key, value.Value));

    public DeviceStatus Add(string device, double value) => StatusOf(device, _values[device] = value);

    /// <returns>Null for one that has never measured.</returns>
    public DeviceStatus? Find(string device) => _values.TryGetValue(device, out var value) ? StatusOf(device, value) : null;

    private DeviceStatus StatusOf(string device, double value) => new(device, value, broadcaster.User(device).Local.Count > 0);
}

internal sealed record DeviceStatus(string Id, double Value, bool Connected);
