namespace WsPumps.Core.Tests;

/// <summary>A client that wraps another, as users write them.</summary>
internal sealed class WrappingClient(RecordingClient inner) : DelegatingClient(inner)
{
    private int _looks;

    /// <summary>The connection ends just before the manager looks at its completion for this time; zero for never.</summary>
    public int EndsAtLook { get; init; }

    public override Task<DisconnectRecord> Completion
    {
        get
        {
            if (++_looks == EndsAtLook)
                inner.End();
            return inner.Completion;
        }
    }
}
