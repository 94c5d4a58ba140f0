using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using WsPumps.Registry;

namespace WsPumps;

/// <summary>Describes a set of clients as data: it can be compared, logged, stored, and sent to another process.</summary>
/// <remarks>
/// Immutable. Two selectors are equal when they have the same kind, names, exclusions and node, in any order. Names and ids are compared
/// ordinally.
/// </remarks>
public sealed class AudienceSelector : IEquatable<AudienceSelector>
{
    private readonly string[] _names;
    private readonly string[] _excluded;

    /// <summary>Built only where there are too many to compare one by one.</summary>
    private readonly HashSet<string>? _excludedSet;

    internal AudienceSelector(AudienceKind kind, string[] names, string[] excluded, string? nodeId)
    {
        (Kind, _names, _excluded, NodeId) = (kind, names, excluded, nodeId);
        _excludedSet = excluded.Length > 4 ? [.. excluded] : null;
    }

    /// <summary>Every registered client.</summary>
    public static AudienceSelector All { get; } = new(AudienceKind.All, [], [], null);

    /// <summary>What clients are selected by.</summary>
    public AudienceKind Kind { get; }

    /// <summary>
    /// The names of the groups, or the ids of the users or clients, each listed once. Empty for <see cref="AudienceKind.All"/>.
    /// </summary>
    public IReadOnlyList<string> Names => _names;

    /// <summary>The ids of the clients that are left out.</summary>
    public IReadOnlyList<string> Excluded => _excluded;

    /// <summary>
    /// The <see cref="Cluster.NodeId"/> of the only server whose clients are selected; null for all servers. It has no effect without a
    /// cluster.
    /// </summary>
    public string? NodeId { get; }

    internal ReadOnlySpan<string> NameSpan => _names;

    /// <summary>Clients that are in at least one of these groups.</summary>
    /// <exception cref="ArgumentException">A name is null or empty.</exception>
    public static AudienceSelector Groups(params ReadOnlySpan<string> names) =>
        new(AudienceKind.Groups, Distinct(names, "group name", nameof(names)), [], null);

    /// <summary>The connections of these users.</summary>
    /// <exception cref="ArgumentException">An id is null or empty.</exception>
    public static AudienceSelector Users(params ReadOnlySpan<string> ids) =>
        new(AudienceKind.Users, Distinct(ids, "user id", nameof(ids)), [], null);

    /// <summary>The clients with these ids.</summary>
    /// <exception cref="ArgumentException">An id is null or empty.</exception>
    public static AudienceSelector Clients(params ReadOnlySpan<string> ids) =>
        new(AudienceKind.Clients, Distinct(ids, "client id", nameof(ids)), [], null);

    /// <summary>The same clients, except those with these ids.</summary>
    /// <exception cref="ArgumentException">An id is null or empty.</exception>
    public AudienceSelector Except(params ReadOnlySpan<string> ids) =>
        ids.IsEmpty ? this : new(Kind, _names, Distinct([.. _excluded, .. ids], "client id", nameof(ids)), NodeId);

    /// <summary>The same clients, restricted to those connected to one server; null for all servers.</summary>
    public AudienceSelector OnNode(string? nodeId) => new(Kind, _names, _excluded, nodeId);

    /// <summary>Serializes the selector, to be read with <see cref="TryRead"/>, possibly in another process.</summary>
    public void WriteTo(IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        SelectorFormat.Write(this, output);
    }

    /// <summary>Reads what <see cref="WriteTo"/> wrote. Never throws, whatever the bytes are.</summary>
    /// <param name="data">Begins with a selector.</param>
    /// <param name="selector">The selector; null when there is none.</param>
    /// <param name="bytesRead">How many bytes the selector takes up; what follows belongs to the caller.</param>
    /// <returns>False when the bytes do not begin with a selector.</returns>
    public static bool TryRead(ReadOnlySpan<byte> data, [NotNullWhen(true)] out AudienceSelector? selector, out int bytesRead) =>
        SelectorFormat.TryRead(data, out selector, out bytesRead);

    /// <inheritdoc/>
    public bool Equals(AudienceSelector? other) => ReferenceEquals(this, other)
        || (other is not null && Kind == other.Kind && NodeId == other.NodeId && AreSame(_names, other._names)
            && AreSame(_excluded, other._excluded));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as AudienceSelector);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Kind, NodeId, HashOf(_names), HashOf(_excluded));

    /// <summary>For logs: <c>groups 'a', 'b' except clients 'x' on node 'n'</c>.</summary>
    public override string ToString() =>
        (Kind is AudienceKind.All ? "all clients" : $"{Kind.ToString().ToLowerInvariant()} {Quoted(_names)}")
        + (_excluded.Length > 0 ? $" except clients {Quoted(_excluded)}" : "")
        + (NodeId is null ? "" : $" on node '{NodeId}'");

    internal bool Excludes(IClient client)
    {
        if (_excluded.Length == 0)
            return false;

        var id = client.Id;
        return _excludedSet?.Contains(id) ?? Array.IndexOf(_excluded, id) >= 0;
    }

    private static string[] Distinct(ReadOnlySpan<string> names, string what, string parameter)
    {
        foreach (var name in names)
        {
            if (string.IsNullOrEmpty(name))
                throw new ArgumentException($"A {what} is null or empty. Leave it out, or name somebody.", parameter);
        }

        return names.Length == 1 ? [names[0]] : [.. names.ToArray().Distinct()];
    }

    private static bool AreSame(string[] first, string[] second) =>
        first.Length == second.Length && (first.AsSpan().SequenceEqual(second) || second.ToHashSet().SetEquals(first));

    private static int HashOf(string[] names)
    {
        var hash = names.Length;
        foreach (var name in names)
            hash ^= name.GetHashCode(StringComparison.Ordinal);
        return hash;
    }

    private static string Quoted(string[] names) => names.Length == 0 ? "of no name" : string.Join(", ", names.Select(name => $"'{name}'"));
}
