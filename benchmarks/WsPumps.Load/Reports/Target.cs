using WsPumps.Load.Running;

namespace WsPumps.Load.Reports;

/// <summary>Finds what was measured: of which part, which server, which figure. Null for what was not.</summary>
internal delegate double? Lookup(string part, string server, Figure figure);

/// <summary>A ratio that WsPumps is to keep below.</summary>
/// <param name="About">What is compared with what.</param>
/// <param name="Limit">The ratio to reach.</param>
/// <param name="Reached">The ratio that was measured; null where a part of it was not.</param>
internal sealed record Target(string About, double Limit, Func<Lookup, double?> Reached);
