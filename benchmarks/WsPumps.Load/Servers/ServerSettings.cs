namespace WsPumps.Load.Servers;

/// <summary>What a server is started with.</summary>
/// <param name="Port">0 for a free one.</param>
/// <param name="UsesTls">With a certificate that is made for it.</param>
/// <param name="UsesHttp2">Nothing but HTTP/2.</param>
/// <param name="Compresses">Whether it agrees on permessage-deflate, without context.</param>
/// <param name="PingsRarely">See <see cref="Running.LoadMode.PingsRarely"/>.</param>
internal sealed record ServerSettings(int Port, bool UsesTls = false, bool UsesHttp2 = false, bool Compresses = false,
    bool PingsRarely = false);
