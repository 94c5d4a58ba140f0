using System.Net.WebSockets;
using System.Text;
using WsPumps.Framing;
using WsPumps.Lifetime;

namespace WsPumps;

/// <summary>
/// How clients are asked to leave when a server stops or is drained: in batches, with a code, a reason and a hint when to come back.
/// </summary>
public sealed class DrainOptions
{
    /// <summary>The most that a reason may have, so that the hint behind it still fits the close frame.</summary>
    private const int MaxReasonBytes = 90;

    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(25);
    private static readonly TimeSpan OneDay = TimeSpan.FromDays(1);

    /// <summary>How long the whole drain may take. Clients that are still connected then are aborted.</summary>
    /// <value>
    /// 100 milliseconds to 1 day; on a server at least <see cref="ClientOptions.CloseTimeout"/>, and less than the host's
    /// <c>ShutdownTimeout</c>. Default (null): 25 seconds, or four fifths of the host's <c>ShutdownTimeout</c> where that is less.
    /// </value>
    public TimeSpan? Timeout { get; set; }

    /// <summary>
    /// How long new connections are refused, and the server says that it is not ready, before the first client is asked to leave: the
    /// time that a load balancer takes to notice. It counts towards <see cref="Timeout"/>.
    /// </summary>
    /// <value>Zero, or less than <see cref="Timeout"/>. Default: zero.</value>
    public TimeSpan Delay { get; set; }

    /// <summary>
    /// How many clients are asked to leave at once. Batches are larger where all clients could not otherwise be asked within four fifths of
    /// <see cref="Timeout"/>.
    /// </summary>
    /// <value>1 to 1,000,000. Default: 10,000.</value>
    public int BatchSize { get; set; } = 10_000;

    /// <summary>
    /// The time from one batch to the next. Each is up to a quarter shorter, at random, so that servers that drain together do not act in
    /// step.
    /// </summary>
    /// <value>100 milliseconds to 1 day. Default: 2 seconds.</value>
    public TimeSpan BatchInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>The code of the close frame.</summary>
    /// <value>
    /// 1000-1003, 1007-1014 or 3000-4999. Default: 1001, going away. With 1001 or 1012, the end is reported as
    /// <see cref="DisconnectReason.Shutdown"/>.
    /// </value>
    public WebSocketCloseStatus Status { get; set; } = WebSocketCloseStatus.EndpointUnavailable;

    /// <summary>The reason in the close frame, before the hint of <see cref="ReconnectWithin"/>.</summary>
    /// <value>At most 90 bytes of UTF-8; may be empty. Default: "The server is shutting down".</value>
    public string Reason { get; set; } = "The server is shutting down";

    /// <summary>
    /// Clients are told to come back at different times, spread evenly over this long. The reason of the close frame then ends with
    /// <c>reconnect after N ms</c>, where N is a whole number in decimal digits, drawn at random for each client; "; " stands before it
    /// unless <see cref="Reason"/> is empty.
    /// </summary>
    /// <value>Zero to 1 day; zero for no hint. Default: 2 seconds.</value>
    public TimeSpan ReconnectWithin { get; set; } = ReconnectHint.DefaultWithin;

    internal TimeSpan EffectiveTimeout => Timeout ?? DefaultTimeout;

    /// <summary>The reason for the next client: <see cref="Reason"/> and its own hint.</summary>
    internal string NextReason() => ReconnectWithin <= TimeSpan.Zero ? Reason : ReconnectHint.After(Reason, ReconnectWithin);

    /// <summary>Checks ranges and relations.</summary>
    /// <returns>A sentence for each rule that is broken, with names and values; empty when all is well.</returns>
    internal IEnumerable<string> Validate()
    {
        if (EffectiveTimeout < TimeSpan.FromMilliseconds(100) || EffectiveTimeout > OneDay)
        {
            yield return $"Drain.{nameof(Timeout)} is {EffectiveTimeout}; it must be between {TimeSpan.FromMilliseconds(100)} and " +
                $"{OneDay}.";
        }

        if (Delay < TimeSpan.Zero)
            yield return $"Drain.{nameof(Delay)} is {Delay}; it must not be negative.";

        if (Delay >= EffectiveTimeout)
        {
            yield return $"Drain.{nameof(Delay)} ({Delay}) is not less than Drain.{nameof(Timeout)} ({EffectiveTimeout}): no time would " +
                "be left to ask clients to leave. Lower the first or raise the second.";
        }

        if (BatchSize is < 1 or > 1_000_000)
            yield return $"Drain.{nameof(BatchSize)} is {BatchSize}; it must be between 1 and 1000000.";

        if (BatchInterval < TimeSpan.FromMilliseconds(100) || BatchInterval > OneDay)
        {
            yield return $"Drain.{nameof(BatchInterval)} is {BatchInterval}; it must be between {TimeSpan.FromMilliseconds(100)} and " +
                $"{OneDay}.";
        }

        if (!CloseStatus.IsValid(Status))
            yield return $"Drain.{nameof(Status)} is {(int)Status}; it must be a code that may be sent: 1000-1003, 1007-1014 or 3000-4999.";

        if (Encoding.UTF8.GetByteCount(Reason) > MaxReasonBytes)
        {
            yield return $"Drain.{nameof(Reason)} has {Encoding.UTF8.GetByteCount(Reason)} bytes; it may have {MaxReasonBytes}, so that " +
                "the hint when to reconnect fits behind it.";
        }

        if (ReconnectWithin < TimeSpan.Zero || ReconnectWithin > OneDay)
            yield return $"Drain.{nameof(ReconnectWithin)} is {ReconnectWithin}; it must be between {TimeSpan.Zero} and {OneDay}.";
    }

    /// <summary>A copy, so that later changes have no effect.</summary>
    internal DrainOptions Clone() => (DrainOptions)MemberwiseClone();
}
