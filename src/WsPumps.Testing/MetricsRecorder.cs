using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace WsPumps.Testing;

/// <summary>One value that an instrument has measured.</summary>
public sealed record Measured
{
    /// <summary>The instrument that measured it.</summary>
    public required Instrument Instrument { get; init; }

    /// <summary>The value, in the unit of the instrument.</summary>
    public required double Value { get; init; }

    /// <summary>Its tags.</summary>
    public required IReadOnlyDictionary<string, object?> Tags { get; init; }

    /// <summary>The name of the instrument.</summary>
    public string Name => Instrument.Name;
}

/// <summary>Keeps what the meters of one application measure, and nothing of other tests. Safe for concurrent use.</summary>
public sealed class MetricsRecorder : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentQueue<Measured> _measured = new();
    private readonly ConcurrentDictionary<string, Instrument> _instruments = new();

    /// <param name="factory">The application's factory of meters.</param>
    /// <param name="wanted">Which instruments; null for all.</param>
    public MetricsRecorder(IMeterFactory factory, Func<Instrument, bool>? wanted = null)
    {
        ArgumentNullException.ThrowIfNull(factory);
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Scope != factory || wanted?.Invoke(instrument) is false)
                return;

            _instruments[instrument.Name] = instrument;
            listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>The instruments of WsPumps.</summary>
    public IReadOnlyCollection<Instrument> Instruments =>
        [.. _instruments.Values.Where(instrument => instrument.Meter.Name == PumpsMetrics.MeterName)];

    /// <summary>What an instrument that is not observable has measured so far.</summary>
    public IReadOnlyList<Measured> Of(string name) =>
        [.. _measured.Where(measured => measured.Name == name && !measured.Instrument.IsObservable)];

    /// <summary>What an observable instrument reports now: the sum over all its tags, or over those with the value given.</summary>
    public long Now(string name, string? tag = null)
    {
        var observed = new List<Measured>();
        lock (_listener)
        {
            Forget();
            _listener.RecordObservableInstruments();
            observed.AddRange(_measured.Where(measured => measured.Name == name));
        }

        return (long)observed.Where(measured => tag is null || measured.Tags.Values.Contains(tag)).Sum(measured => measured.Value);
    }

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    /// <summary>Drops what was observed earlier.</summary>
    private void Forget()
    {
        for (var left = _measured.Count; left > 0 && _measured.TryDequeue(out var measured); left--)
        {
            if (!measured.Instrument.IsObservable)
                _measured.Enqueue(measured);
        }
    }

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        _measured.Enqueue(new Measured { Instrument = instrument, Value = value, Tags = new Dictionary<string, object?>(tags.ToArray()) });
}
