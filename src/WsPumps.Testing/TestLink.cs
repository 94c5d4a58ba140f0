using System.IO.Pipelines;
using WsPumps.Testing.Links;
using WsPumps.Testing.Time;

namespace WsPumps.Testing;

/// <summary>The connection in memory between a peer and the server, and what can go wrong on it.</summary>
/// <remarks>Faults may be set at any time, from any thread, and hold for bytes that have not yet arrived.</remarks>
public sealed class TestLink
{
    private readonly VirtualTime _time;

    internal TestLink(VirtualTime time, int window)
    {
        var counted = new CountedScheduler(time.Work);
        (_time, Window) = (time, window);
        Flow = new Flow(time.Work, "a link", isCallback: false);
        ToServer = new LinkDirection(window, counted, counted, time, CutAtRest);
        ToPeer = new LinkDirection(window, counted, PipeScheduler.Inline, time, CutAtRest);
    }

    /// <summary>How many bytes may be on their way in one direction, before whoever writes has to wait.</summary>
    public int Window { get; }

    /// <summary>How long bytes are on their way, in virtual time. Those that are written meanwhile follow together.</summary>
    /// <value>Default: zero.</value>
    public TimeSpan Delay
    {
        get => ToPeer.Faults.Delay;
        set => ToPeer.Faults.Delay = ToServer.Faults.Delay = value;
    }

    /// <summary>How many bytes arrive in a second of virtual time, in each direction.</summary>
    /// <value>Positive. Default: null, without a limit.</value>
    public int? BytesPerSecond
    {
        get => ToPeer.Faults.BytesPerSecond;
        set => ToPeer.Faults.BytesPerSecond = ToServer.Faults.BytesPerSecond = Positive(value);
    }

    /// <summary>The size of the pieces in which bytes arrive, whatever they were written with: frames are torn between two reads.</summary>
    /// <value>Positive. Default: null, as they were written.</value>
    public int? PieceSize
    {
        get => ToPeer.Faults.PieceSize;
        set => ToPeer.Faults.PieceSize = ToServer.Faults.PieceSize = Positive(value);
    }

    /// <summary>What moves bytes and reads them is at work also where a thread of the server runs it.</summary>
    internal Flow Flow { get; }

    internal LinkDirection ToServer { get; }

    internal LinkDirection ToPeer { get; }

    /// <summary>The peer reads nothing any more. The server notices when the window is full.</summary>
    public void StallReads() => ToPeer.Faults.Stall();

    /// <summary>The peer reads on.</summary>
    public void ResumeReads() => _time.Work.Queue(ToPeer.Faults.Resume);

    /// <summary>What the peer sends does not arrive any more.</summary>
    public void StallWrites() => ToServer.Faults.Stall();

    /// <summary>What the peer has sent arrives.</summary>
    public void ResumeWrites() => _time.Work.Queue(ToServer.Faults.Resume);

    /// <summary>
    /// The connection breaks, in both directions, when so many more bytes of the peer have arrived and the server has done with them.
    /// </summary>
    /// <param name="bytes">Zero for at once.</param>
    public void CutAfterSending(long bytes) => Cut(ToServer, bytes);

    /// <summary>The connection breaks, in both directions, when so many more bytes of the server have arrived.</summary>
    /// <param name="bytes">Zero for at once.</param>
    public void CutAfterReceiving(long bytes) => Cut(ToPeer, bytes);

    /// <summary>The peer sends nothing more and goes on reading: a FIN.</summary>
    public void HalfClose() => ToServer.Writer.Complete();

    /// <summary>The connection breaks at once in both directions: an RST.</summary>
    public void Reset()
    {
        ToServer.End(reset: true);
        ToPeer.End(reset: true);
    }

    /// <param name="onServerInputEnded">Called when the server can receive nothing more.</param>
    internal async Task RunAsync(Action onServerInputEnded)
    {
        Flow.Enter();
        await Task.WhenAll(ToServer.RunAsync(onServerInputEnded), ToPeer.RunAsync(static () => { })).ConfigureAwait(false);
    }

    private void Cut(LinkDirection direction, long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        if (bytes == 0)
            Reset();
        else
            direction.Faults.BytesToCut = bytes;
    }

    /// <summary>Only when all has come to rest: otherwise it would be chance what the server still does with the last bytes.</summary>
    private void CutAtRest() => _time.Work.QueueAtRest(Reset);

    private static int? Positive(int? value) =>
        value is <= 0 ? throw new ArgumentOutOfRangeException(nameof(value), value, "A number of bytes is positive, or null for no limit.")
            : value;
}
