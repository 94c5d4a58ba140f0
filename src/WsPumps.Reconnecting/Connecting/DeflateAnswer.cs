using System.Globalization;

namespace WsPumps.Connecting;

/// <summary>
/// What a server has agreed on about compression (RFC 7692, section 7.1). The runtime's WebSocket has checked that it was offered, and that
/// nothing stands there that is unknown.
/// </summary>
internal static class DeflateAnswer
{
    private const string ServerKeepsNoContext = "server_no_context_takeover";
    private const string ClientWindow = "client_max_window_bits=";
    private const int LargestWindow = 15;

    /// <returns>Null where nothing is compressed.</returns>
    public static CompressionAgreement? Read(string? extensions)
    {
        if (string.IsNullOrWhiteSpace(extensions))
            return null;

        var parameters = extensions.Split(';', StringSplitOptions.TrimEntries);
        var window = parameters.FirstOrDefault(static parameter => parameter.StartsWith(ClientWindow, StringComparison.OrdinalIgnoreCase));
        return new CompressionAgreement
        {
            PeerKeepsContext = !parameters.Contains(ServerKeepsNoContext, StringComparer.OrdinalIgnoreCase),
            MaxWindowBits = window is null ? LargestWindow
                : int.Parse(window.AsSpan(ClientWindow.Length).Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture),
        };
    }
}
