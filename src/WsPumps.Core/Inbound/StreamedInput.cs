using System.IO.Pipelines;
using System.Net.WebSockets;
using WsPumps.Diagnostics;

namespace WsPumps.Inbound;

/// <summary>Which messages of a connection are received as streams, and within what bounds.</summary>
internal sealed class StreamedInput(MessageStreamHandler handler, WebSocketMessageType? type, long maxSize, TimeProvider time)
{
    /// <summary>Of what is read at once ahead of the handler.</summary>
    private const int Segment = 16 * 1024;

    private static readonly PipeOptions Uncounted = Bounded(PipeScheduler.ThreadPool);

    public MessageStreamHandler Handler => handler;

    /// <summary>The largest message in bytes.</summary>
    public long MaxSize => maxSize;

    /// <summary>Whether a handler's read may run the pump. A clock that counts work wants each on its own.</summary>
    public bool IsDirect => time is not IWorkCounter;

    public PipeOptions Buffers { get; } = time is IWorkCounter work ? Bounded(new CountedScheduler(work)) : Uncounted;

    public bool Wants(WebSocketMessageType of) => type is null || type == of;

    private static PipeOptions Bounded(PipeScheduler scheduler) => new(readerScheduler: scheduler, writerScheduler: scheduler,
        pauseWriterThreshold: IncomingMessage.MaxBuffered, resumeWriterThreshold: IncomingMessage.MaxBuffered / 2,
        minimumSegmentSize: Segment, useSynchronizationContext: false);
}
