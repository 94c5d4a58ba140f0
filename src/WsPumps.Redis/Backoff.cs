namespace WsPumps.Redis;

/// <summary>Waits that double, each a random part of its bound, so that many servers do not come back all at once.</summary>
internal sealed class Backoff(TimeSpan least, TimeSpan most)
{
    private int _attempts;

    public TimeSpan Next()
    {
        var bound = least * Math.Pow(2, Math.Min(_attempts++, 30));
        return (bound < most ? bound : most) * Random.Shared.NextDouble();
    }

    public void Reset() => _attempts = 0;
}
