using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using WsPumps.Registry;

namespace WsPumps;

/// <summary>Says which clients are meant, as data: it can be compared, logged, stored, and sent to another process.</summary>
/// <remarks>Immutable. Two selectors are equal when they name the same, in whatever order.</remarks>
public sealed class AudienceSelector : IEquatable<AudienceSelector>
{
    private readonly string[] _names;
    private readonly string[] _excluded;

    /// <summary>Made where there are so many that comparing one by one would take longer.</summary>
    private readonly HashSet<string>? _excludedSet;

    internal AudienceSelector(AudienceKind kind, string[] names, string[] excluded, string? nodeId)
    {
        (Kind, _names, _excluded, NodeId) = (kind, names, excluded, nodeId);
        _excludedSet = excluded.Length > 4 ? [.. excluded] : null;
    }

    /// <summary>Every registered client.</summary>
    public static AudienceSelector All { get; } = new(AudienceKind.All, [], [], null);

    /// <summary>By what clients are selected.</summary>
    public AudienceKind Kind { get; }

    /// <summary>The names of the groups, or the ids of the users or clients; each once. Empty for <see cref="AudienceKind.All"/>.</summary>
    public IReadOnlyList<string> Names => _names;

    /// <summary>The ids of clients that are left out.</summary>
    public IReadOnlyList<string> Excluded => _excluded;

    /// <summary>The only node whose clients are meant; null for all nodes. Without a cluster it has no effect.</summary>
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

    /// <summary>The clients of these ids.</summary>
    /// <exception cref="ArgumentException">An id is null or empty.</exception>
    public static AudienceSelector Clients(params ReadOnlySpan<string> ids) =>
        new(AudienceKind.Clients, Distinct(ids, "client id", nameof(ids)), [], null);

    /// <summary>The same clients without those of these ids.</summary>
    /// <exception cref="ArgumentException">An id is null or empty.</exception>
    public AudienceSelector Except(params ReadOnlySpan<string> ids) =>
        ids.IsEmpty ? this : new(Kind, _names, Distinct([.. _excluded, .. ids], "client id", nameof(ids)), NodeId);

    /// <summary>Those of the clients that are connected to one node; null for all nodes.</summary>
    public AudienceSelector OnNode(string? nodeId) => new(Kind, _names, _excluded, nodeId);

    /// <summary>Writes the selector for <see cref="TryRead"/>, perhaps in another process.</summary>
    public void WriteTo(IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        SelectorFormat.Write(this, output);
    }

    /// <summary>Reads what <see cref="WriteTo"/> has written. Never throws for what the bytes are.</summary>
    /// <param name="data">Begins with a selector.</param>
    /// <param name="selector">The selector.</param>
    /// <param name="bytesRead">How many bytes it took; what follows is the caller's.</param>
    /// <returns>False when the bytes are not those of a selector.</returns>
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
