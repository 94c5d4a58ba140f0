using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;

namespace WsPumps.Clustering;

/// <summary>Who this node is. The instance is new with each start, so a server that restarts is another node.</summary>
internal sealed class NodeIdentity(ClusterOptions options, TimeProvider time)
{
    public ulong Instance { get; } = BinaryPrimitives.ReadUInt64BigEndian(RandomNumberGenerator.GetBytes(8));

    public string Name { get; } = options.NodeName;

    public string Id => IdOf(Name, Instance);

    public string ApplicationName { get; } = options.ApplicationName;

    public uint Application { get; } = StableHash.Of(options.ApplicationName);

    public DateTimeOffset StartedAt { get; } = time.GetUtcNow();

    public static string IdOf(string name, ulong instance) => string.Create(CultureInfo.InvariantCulture, $"{name}-{instance:x16}");
}
