using System.Diagnostics.Metrics;

namespace WsPumps.Diagnostics;

/// <summary>
/// Measures for whoever listens. A listener is the user's code: what it throws is one measurement less, and nothing else.
/// </summary>
/// <param name="failed">Told of the first failure, with the name of the instrument: one that throws once does so each time, and a line for
/// each would bury the log.</param>
internal sealed class SafeInstruments(Action<string, Exception> failed)
{
    private bool _hasFailed;

    public void Record<T>(Histogram<T> histogram, T value, params ReadOnlySpan<KeyValuePair<string, object?>> tags)
        where T : struct
    {
        try
        {
            histogram.Record(value, tags);
        }
        catch (Exception exception)
        {
            OnFailed(histogram, exception);
        }
    }

    public void Add<T>(Counter<T> counter, T value, params ReadOnlySpan<KeyValuePair<string, object?>> tags)
        where T : struct
    {
        try
        {
            counter.Add(value, tags);
        }
        catch (Exception exception)
        {
            OnFailed(counter, exception);
        }
    }

    public void Add<T>(UpDownCounter<T> counter, T value)
        where T : struct
    {
        try
        {
            counter.Add(value);
        }
        catch (Exception exception)
        {
            OnFailed(counter, exception);
        }
    }

    private void OnFailed(Instrument instrument, Exception exception)
    {
        if (!Interlocked.Exchange(ref _hasFailed, true))
            failed(instrument.Name, exception);
    }
}
