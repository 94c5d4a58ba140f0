using System.Buffers;

namespace WsPumps.Endpoints;

/// <summary>Chooses the subprotocol: only ever one that the client has offered, or a browser would end the connection.</summary>
internal static class SubProtocolNegotiation
{
    private static readonly SearchValues<char> TokenCharacters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    public static string? Choose(IEnumerable<string> spoken, IList<string> offered) => spoken.FirstOrDefault(offered.Contains);

    public static bool IsValid(string subProtocol) => subProtocol.Length > 0 && !subProtocol.AsSpan().ContainsAnyExcept(TokenCharacters);
}
