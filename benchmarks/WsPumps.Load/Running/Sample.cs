namespace WsPumps.Load.Running;

/// <summary>The figures of one run, or the medians of several.</summary>
/// <param name="Values">What was measured; a scenario has only the figures that mean something in it.</param>
/// <param name="Fault">What went wrong; null when every message arrived.</param>
internal sealed record Sample(IReadOnlyDictionary<Figure, double> Values, string? Fault = null)
{
    public static Sample Failed(string fault) => new(new Dictionary<Figure, double>(), fault);

    /// <summary>Each figure's own median.</summary>
    public static Sample MedianOf(IReadOnlyList<Sample> samples) => new(
        samples.SelectMany(sample => sample.Values)
            .GroupBy(value => value.Key, value => value.Value)
            .ToDictionary(values => values.Key, values => Median(values.Order().ToArray())),
        samples.Select(sample => sample.Fault).FirstOrDefault(fault => fault is not null));

    public Sample With(params ReadOnlySpan<(Figure Figure, double Value)> more)
    {
        var values = new Dictionary<Figure, double>(Values);
        foreach (var (figure, value) in more)
            values[figure] = value;
        return this with { Values = values };
    }

    private static double Median(double[] sorted) => (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
}
