namespace Dashboard;

internal static class Symbols
{
    public static readonly string[] All = ["ACME", "BOLT", "CRUX", "DUNE"];
}
