using System.Buffers.Binary;
using System.Diagnostics;

namespace WsPumps.Clustering;

/// <summary>The head of what goes over the backplane: who sent it, for which application, and its number on the channel.</summary>
internal readonly struct Envelope
{
    /// <summary>Raised when a reader of the version before would misread what a writer of this one writes.</summary>
    public const byte Version = 1;

    public const int HeadLength = 33;

    private const int SequenceOffset = 16;
    private const int TraceLength = 25;
    private const byte HasTrace = 1;

    public EnvelopeKind Kind { get; private init; }

    public uint Application { get; private init; }

    /// <summary>The instance of the node that sent it.</summary>
    public ulong Origin { get; private init; }

    /// <summary>One for the first that a node publishes on a channel; zero where nothing is numbered.</summary>
    public long Sequence { get; private init; }

    /// <summary>By the clock of the sender.</summary>
    public DateTimeOffset SentAt { get; private init; }

    /// <summary>The channel that it has come on, where it is numbered.</summary>
    public int Channel { get; init; }

    public ActivityContext Trace { get; private init; }

    /// <summary>Whether it is numbered on its channel.</summary>
    public bool IsNumbered => Kind is EnvelopeKind.Message or EnvelopeKind.CompressedMessage or EnvelopeKind.Close
        or EnvelopeKind.Abort;

    public static EnvelopeFault Read(ReadOnlySpan<byte> data, out Envelope envelope, out BodyReader body)
    {
        envelope = default;
        body = default;
        if (data.Length < 3 || data[0] != 'W' || data[1] != 'P')
            return EnvelopeFault.Garbage;
        if (data[2] != Version)
            return EnvelopeFault.OtherVersion;
        if (data.Length < HeadLength)
            return EnvelopeFault.Garbage;

        var sentAt = BinaryPrimitives.ReadInt64BigEndian(data[24..]);
        if (sentAt is < 0 or > 253402300799999)
            return EnvelopeFault.Garbage;

        var hasTrace = (data[32] & HasTrace) != 0;
        if (hasTrace && data.Length < HeadLength + TraceLength)
            return EnvelopeFault.Garbage;

        envelope = new Envelope
        {
            Kind = (EnvelopeKind)data[3],
            Application = BinaryPrimitives.ReadUInt32BigEndian(data[4..]),
            Origin = BinaryPrimitives.ReadUInt64BigEndian(data[8..]),
            Sequence = BinaryPrimitives.ReadInt64BigEndian(data[SequenceOffset..]),
            SentAt = DateTimeOffset.FromUnixTimeMilliseconds(sentAt),
            Trace = hasTrace ? ReadTrace(data.Slice(HeadLength, TraceLength)) : default,
        };
        body = new BodyReader(data[(hasTrace ? HeadLength + TraceLength : HeadLength)..]);
        return EnvelopeFault.None;
    }

    /// <summary>Writes the head with number zero.</summary>
    public static void WriteHead(BodyWriter writer, EnvelopeKind kind, uint application, ulong origin, DateTimeOffset sentAt,
        Activity? activity)
    {
        var trace = activity is { IdFormat: ActivityIdFormat.W3C } ? activity.Context : default;
        var hasTrace = trace != default;
        var head = writer.GetSpan(HeadLength + TraceLength);
        head[0] = (byte)'W';
        head[1] = (byte)'P';
        head[2] = Version;
        head[3] = (byte)kind;
        BinaryPrimitives.WriteUInt32BigEndian(head[4..], application);
        BinaryPrimitives.WriteUInt64BigEndian(head[8..], origin);
        WriteSequence(head, 0);
        BinaryPrimitives.WriteInt64BigEndian(head[24..], sentAt.ToUnixTimeMilliseconds());
        head[32] = hasTrace ? HasTrace : (byte)0;
        if (hasTrace)
        {
            trace.TraceId.CopyTo(head.Slice(HeadLength, 16));
            trace.SpanId.CopyTo(head.Slice(HeadLength + 16, 8));
            head[HeadLength + 24] = (byte)trace.TraceFlags;
        }

        writer.Advance(hasTrace ? HeadLength + TraceLength : HeadLength);
    }

    public static void WriteSequence(Span<byte> data, long sequence) =>
        BinaryPrimitives.WriteInt64BigEndian(data[SequenceOffset..], sequence);

    private static ActivityContext ReadTrace(ReadOnlySpan<byte> data) => new(
        ActivityTraceId.CreateFromBytes(data[..16]),
        ActivitySpanId.CreateFromBytes(data.Slice(16, 8)),
        (ActivityTraceFlags)data[24],
        isRemote: true);
}
