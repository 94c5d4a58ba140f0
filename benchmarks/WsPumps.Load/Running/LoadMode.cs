namespace WsPumps.Load.Running;

/// <summary>How the two sides of a comparison talk.</summary>
internal sealed record LoadMode
{
    public static readonly LoadMode Default = new();

    private const string Tls = "--tls";
    private const string Http2 = "--http2";
    private const string Compress = "--compress";
    private const string RarePings = "--rare-pings";

    /// <summary>Whether the load side waits in epoll as a user's client does, and is woken, instead of asking again and again.</summary>
    public bool Sleeps { get; init; }

    /// <summary>Whether a server is loaded from its first second on, as its users find it.</summary>
    public bool IsCold { get; init; }

    public bool UsesTls { get; init; }

    /// <summary>Each WebSocket is the one stream of a connection (RFC 8441).</summary>
    public bool UsesHttp2 { get; init; }

    /// <summary>Whether clients offer permessage-deflate, and servers accept it.</summary>
    public bool Compresses { get; init; }

    /// <summary>
    /// Whether WsPumps pings as rarely as the others. Else it does so each second, so that it writes straight to its sockets before anything
    /// is measured.
    /// </summary>
    public bool PingsRarely { get; init; }

    /// <summary>Whether a server that speaks nothing but plain HTTP/1.1 can take part.</summary>
    public bool IsPlain => !UsesTls && !UsesHttp2 && !Compresses;

    /// <summary>What a server has to be told of it.</summary>
    public IEnumerable<string> ServerArguments =>
        new[] { (UsesTls, Tls), (UsesHttp2, Http2), (Compresses, Compress), (PingsRarely, RarePings) }.Where(argument => argument.Item1).Select(argument => argument.Item2);

    public static LoadMode Of(Arguments arguments) => new()
    {
        Sleeps = arguments.TakeFlag("--sleeping"),
        IsCold = arguments.TakeFlag("--cold"),
        UsesTls = arguments.TakeFlag(Tls),
        UsesHttp2 = arguments.TakeFlag(Http2),
        Compresses = arguments.TakeFlag(Compress),
        PingsRarely = arguments.TakeFlag(RarePings),
    };
}
