using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;

namespace WsPumps.Tests.Diagnostics;

internal sealed record Measured(Instrument Instrument, double Value, IReadOnlyDictionary<string, object?> Tags)
{
    public string Name => Instrument.Name;
}

/// <summary>Listens to all meters of one application, and to those of no other test.</summary>
internal sealed class Metrics : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentQueue<Measured> _measured = new();
    private readonly ConcurrentDictionary<string, Instrument> _instruments = new();

    public Metrics(PumpsHost host, Func<Instrument, bool>? wanted = null)
    {
        var factory = host.Services.GetRequiredService<IMeterFactory>();
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

    public IEnumerable<Instrument> Instruments => _instruments.Values.Where(instrument => instrument.Meter.Name == PumpsMetrics.MeterName);

    /// <summary>What an instrument that is not observed has measured so far.</summary>
    public IReadOnlyList<Measured> Of(string name) => [.. _measured.Where(measured => measured.Name == name && !measured.Instrument.IsObservable)];

    /// <summary>What an observed instrument says now, all its tags together or those with the value given.</summary>
    public long Now(string name, string? tag = null)
    {
        while (_measured.FirstOrDefault(measured => measured.Instrument.IsObservable) is not null && _measured.TryDequeue(out var measured))
        {
            if (!measured.Instrument.IsObservable)
                _measured.Enqueue(measured);
        }

        _listener.RecordObservableInstruments();
        return (long)_measured.Where(measured => measured.Name == name && (tag is null || measured.Tags.Values.Contains(tag))).Sum(measured => measured.Value);
    }

    public void Dispose() => _listener.Dispose();

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        _measured.Enqueue(new Measured(instrument, value, new Dictionary<string, object?>(tags.ToArray())));
}
