namespace WsPumps.Testing;

/// <summary>How a connection ended, as its peer saw it.</summary>
public sealed class PeerEnd
{
    /// <summary>The code of the server's close frame; 1005 for one without a code; null when none came.</summary>
    public int? CloseStatus { get; init; }

    /// <summary>The reason in the server's close frame, perhaps empty; null when none came.</summary>
    public string? CloseReason { get; init; }

    /// <summary>Whether the connection was reset rather than closed in order.</summary>
    public bool WasReset { get; init; }

    /// <summary>What the server sent in violation of RFC 6455; null for nothing.</summary>
    public string? Violation { get; init; }

    /// <inheritdoc/>
    public override string ToString()
    {
        var how = Violation is not null ? $"a violation of the protocol: {Violation}" : WasReset ? "a reset" : "the end of the stream";
        return CloseStatus is null ? $"{how}, without a close frame" : $"close frame {CloseStatus} '{CloseReason}', then {how}";
    }
}
