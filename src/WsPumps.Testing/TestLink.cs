using System.IO.Pipelines;
using WsPumps.Testing.Links;
using WsPumps.Testing.Time;

namespace WsPumps.Testing;

/// <summary>The in-memory connection between a peer and the server, and what can go wrong on it.</summary>
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

    /// <summary>How many bytes may be on their way in one direction, before the writer has to wait.</summary>
    public int Window { get; }

    /// <summary>How long bytes are on their way, in virtual time. Bytes that are written in the meantime follow together.</summary>
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

    internal bool HasHalfClosed { get; private set; }

    /// <summary>Told what the test does to the link.</summary>
    internal Action<string>? Happened { get; set; }

    internal LinkDirection ToServer { get; }

    internal LinkDirection ToPeer { get; }

    /// <summary>Stops the peer's reading. The server notices when the window is full.</summary>
    public void StallReads() => ToPeer.Faults.Stall();

    /// <summary>Resumes the peer's reading.</summary>
    public void ResumeReads() => _time.Work.Queue(ToPeer.Faults.Resume);

    /// <summary>Holds back what the peer sends.</summary>
    public void StallWrites() => ToServer.Faults.Stall();

    /// <summary>Lets what the peer has sent arrive.</summary>
    public void ResumeWrites() => _time.Work.Queue(ToServer.Faults.Resume);

    /// <summary>
    /// Breaks the connection, in both directions, once this many more bytes of the peer have arrived and the server has handled them.
    /// </summary>
    /// <param name="bytes">How many bytes; zero for at once.</param>
    public void CutAfterSending(long bytes) => Cut(ToServer, bytes);

    /// <summary>Breaks the connection, in both directions, once this many more bytes of the server have arrived.</summary>
    /// <param name="bytes">How many bytes; zero for at once.</param>
    public void CutAfterReceiving(long bytes) => Cut(ToPeer, bytes);

    /// <summary>Ends the peer's sending, while it goes on reading: a FIN.</summary>
    public void HalfClose()
    {
        if (!HasHalfClosed)
            Happened?.Invoke("half-closed: a FIN");
        HasHalfClosed = true;
        ToServer.Writer.Complete();
    }

    /// <summary>Breaks the connection at once in both directions: an RST.</summary>
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

    /// <summary>Only once everything is at rest: otherwise it would be chance what the server still does with the last bytes.</summary>
    private void CutAtRest() => _time.Work.QueueAtRest(Reset);

    private static int? Positive(int? value) =>
        value is <= 0 ? throw new ArgumentOutOfRangeException(nameof(value), value, "A number of bytes is positive, or null for no limit.")
            : value;
}
