using WsPumps.Testing.Links;

namespace WsPumps.Testing;

/// <summary>
/// Network faults that are determined by a seed: the same seed gives the same faults, byte for byte. One plan serves any number of
/// connections.
/// </summary>
/// <remarks>
/// Each connection gets its own faults, which depend on the order in which connections are made with the plan. Not for use from several
/// threads at once.
/// </remarks>
public sealed class FaultPlan
{
    private int _links;

    /// <param name="seed">Determines the faults.</param>
    public FaultPlan(int seed) => Seed = seed;

    /// <summary>
    /// Determines the faults. It is part of <see cref="ToString"/> and of the text of every <see cref="PumpsTestException"/> of a
    /// connection with this plan.
    /// </summary>
    public int Seed { get; }

    /// <summary>Bytes arrive in pieces of 1 to this many bytes, so that frames are torn anywhere.</summary>
    /// <value>Positive, or null to keep the pieces as they were sent. Default: 64.</value>
    public int? MaxPieceSize { get; init; } = 64;

    /// <summary>Each piece is held back for up to this long, in virtual time.</summary>
    /// <value>Default: zero.</value>
    public TimeSpan MaxDelay { get; init; }

    /// <summary>How likely it is that a direction breaks after 1 to <see cref="MaxBytesToCut"/> bytes.</summary>
    /// <value>0 to 1. Default: 0.</value>
    public double CutProbability { get; init; }

    /// <summary>See <see cref="CutProbability"/>.</summary>
    /// <value>Positive. Default: 16,384.</value>
    public int MaxBytesToCut { get; init; } = 16 * 1024;

    /// <summary>How likely it is that random bytes come before a piece on its way to the server.</summary>
    /// <remarks>After garbage a server may take the payload of a pong for a frame, and what a ping carries is chance: switch pings off
    /// where a run must repeat.</remarks>
    /// <value>0 to 1. Default: 0.</value>
    public double GarbageProbability { get; init; }

    /// <summary>Runs a test with a random seed, and reports the seed when the test fails.</summary>
    /// <param name="test">The test; its argument is the seed, for <c>new FaultPlan(seed)</c>.</param>
    /// <param name="seed">The seed of a run that failed, to repeat it. Default (null): a different one each time.</param>
    /// <exception cref="PumpsTestException">
    /// The test failed. The text names the seed; the inner exception is what the test threw.
    /// </exception>
    public static async Task RunAsync(Func<int, Task> test, int? seed = null)
    {
        ArgumentNullException.ThrowIfNull(test);
        var chosen = seed ?? Random.Shared.Next();
        try
        {
            await test(chosen).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // The seed is named once, in the way in which it is used.
            var message = exception.Message.Replace($"{Environment.NewLine}With {new FaultPlan(chosen)}.", "", StringComparison.Ordinal);
            throw new PumpsTestException($"The test failed: {message}{Environment.NewLine}To repeat it: " +
                $"FaultPlan.RunAsync(…, seed: {chosen}).", exception);
        }
    }

    /// <inheritdoc/>
    public override string ToString() => $"faults of the seed {Seed}";

    internal void ApplyTo(LinkFaults toServer, LinkFaults toPeer)
    {
        var link = _links++;
        toServer.Schedule = new FaultSchedule(this, HashCode(link, 0));
        toPeer.Schedule = new FaultSchedule(WithoutGarbage(), HashCode(link, 1));
    }

    private FaultPlan WithoutGarbage() =>
        new(Seed) { MaxPieceSize = MaxPieceSize, MaxDelay = MaxDelay, CutProbability = CutProbability, MaxBytesToCut = MaxBytesToCut };

    /// <summary>Not that of the runtime, which differs from process to process.</summary>
    private int HashCode(int link, int direction) => unchecked((((Seed * 397) ^ link) * 397) ^ direction);
}
