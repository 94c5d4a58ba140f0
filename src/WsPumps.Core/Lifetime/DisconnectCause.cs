using System.Net.WebSockets;
using WsPumps.Framing;
using WsPumps.Inbound;

namespace WsPumps.Lifetime;

/// <summary>Why a connection ends, and what the peer is told about it.</summary>
/// <param name="Reason">The reason that is reported.</param>
/// <param name="Status">The code of our close frame; null where the connection ends without one.</param>
/// <param name="Text">The reason in our close frame.</param>
/// <param name="Exception">The exception behind it.</param>
internal sealed record DisconnectCause(
    DisconnectReason Reason, WebSocketCloseStatus? Status = null, string Text = "", Exception? Exception = null)
{
    public const string ReplacedText = "A newer connection took the place of this one.";

    public static DisconnectCause Local(WebSocketCloseStatus status, string? text)
    {
        CloseStatus.Validate(status);
        var reason = (int)status switch
        {
            1001 or 1012 => DisconnectReason.Shutdown,
            1011 => DisconnectReason.ServerError,
            _ => DisconnectReason.LocalClosed,
        };
        return new DisconnectCause(reason, status, CloseStatus.Fit(text));
    }

    /// <summary>The answer to the peer's close frame: the same code, or 1000 where it gave none (RFC 6455, section 5.5.1).</summary>
    public static DisconnectCause Peer(WebSocketCloseStatus? status, string? text) => new(
        DisconnectReason.PeerClosed,
        status is null or WebSocketCloseStatus.Empty ? WebSocketCloseStatus.NormalClosure : status,
        CloseStatus.Fit(text));

    public static DisconnectCause SlowClient() =>
        new(DisconnectReason.SlowClient, WebSocketCloseStatus.PolicyViolation, ComeBack("The client reads too slowly"));

    public static DisconnectCause HandlerError(Exception exception) =>
        new(DisconnectReason.HandlerError, WebSocketCloseStatus.InternalServerError, "The server failed on a message.", exception);

    /// <summary>What the peer did, for which it is not read any further.</summary>
    public static DisconnectCause Of(ReadOutcome outcome, MessageReader reader, StreamedInput? streamed) => outcome switch
    {
        ReadOutcome.TooBig => TooBig($"A message may have {reader.MaxMessageSize} bytes."),
        ReadOutcome.StreamTooBig => TooBig($"A message may have {streamed!.MaxSize} bytes."),
        ReadOutcome.Unwanted => TooBig("The rest of the message is not wanted."),
        ReadOutcome.TooFast => Rule(DisconnectReason.RateLimited),
        _ => new(DisconnectReason.ProtocolError, reader.Error!.Status, reader.Error.Text),
    };

    /// <summary>A rule of the server, which has a reason and a code of its own.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The reason is none that a rule can give.</exception>
    public static DisconnectCause Rule(DisconnectReason reason, string? text = null)
    {
        var (status, sentence) = reason switch
        {
            DisconnectReason.AuthenticationExpired =>
                (WebSocketCloseStatus.PolicyViolation, ComeBack("The authentication has expired")),
            DisconnectReason.Replaced => (WebSocketCloseStatus.PolicyViolation, ReplacedText),
            DisconnectReason.RateLimited => (WebSocketCloseStatus.PolicyViolation, "The client sends too much."),
            DisconnectReason.MessageTimeout =>
                (WebSocketCloseStatus.PolicyViolation, ComeBack("A message took too long to arrive")),
            DisconnectReason.FirstMessageTimeout => (WebSocketCloseStatus.PolicyViolation, "The first message did not arrive in time."),
            DisconnectReason.LifetimeOver =>
                (WebSocketCloseStatus.EndpointUnavailable, "The connection has reached its age. Connect again."),
            _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, "A connection is closed with the reason of a rule: " +
                "AuthenticationExpired, Replaced, RateLimited, MessageTimeout, FirstMessageTimeout or LifetimeOver."),
        };
        return new DisconnectCause(reason, status, CloseStatus.Fit(text ?? sentence));
    }

    public static DisconnectCause Without(DisconnectReason reason, Exception? exception = null) => new(reason, Exception: exception);

    /// <summary>
    /// A lost connection is an ordinary end, reported as one. Anything else is a fault of ours or of the socket's. An operation that is
    /// invalid is the platform's word for a connection that is gone only once we know that it is.
    /// </summary>
    /// <param name="exception">What a pump failed with.</param>
    /// <param name="hasBegun">Whether the connection was ending already.</param>
    public static DisconnectCause Of(Exception exception, bool hasBegun)
    {
        var isInvalid = exception is InvalidOperationException and not ObjectDisposedException && !hasBegun;
        if (isInvalid || !ConnectionErrors.IsConnectionLost(exception))
            return Without(DisconnectReason.ServerError, exception);

        return Without(ConnectionErrors.IsProtocolError(exception) ? DisconnectReason.ProtocolError : DisconnectReason.ConnectionLost,
            exception);
    }

    private static DisconnectCause TooBig(string text) =>
        new(DisconnectReason.MessageTooBig, WebSocketCloseStatus.MessageTooBig, text);

    /// <summary>1008 alone says that the peer may not come back: this says that it may, and when.</summary>
    private static string ComeBack(string text) => ReconnectHint.After(text, ReconnectHint.DefaultWithin);
}
