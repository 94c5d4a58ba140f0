using System.Globalization;

namespace WsPumps.Clustering;

/// <summary>
/// The channels of an application, by number: one for all nodes, one for what nodes tell each other, one for this node alone, and those
/// onto which groups and users are spread.
/// </summary>
internal sealed class ChannelMap
{
    public const int All = 0;
    public const int Control = 1;
    public const int Direct = 2;

    private const int FirstGroup = 3;

    private readonly string[] _names;
    private readonly Dictionary<string, int> _numbers = [];
    private readonly string _prefix;
    private readonly int _groups;
    private readonly int _users;

    public ChannelMap(ClusterOptions options, ulong instance)
    {
        (_prefix, _groups, _users) = (options.ChannelPrefix, options.GroupChannels, options.UserChannels);
        _names =
        [
            $"{_prefix}:all",
            $"{_prefix}:nodes",
            DirectTo(instance),
            .. Enumerable.Range(0, _groups).Select(i => string.Create(CultureInfo.InvariantCulture, $"{_prefix}:g{_groups}:{i}")),
            .. Enumerable.Range(0, _users).Select(i => string.Create(CultureInfo.InvariantCulture, $"{_prefix}:u{_users}:{i}")),
        ];
        for (var i = 0; i < _names.Length; i++)
            _numbers.Add(_names[i], i);
    }

    public int Count => _names.Length;

    public string this[int channel] => _names[channel];

    public bool TryFind(string name, out int channel) => _numbers.TryGetValue(name, out channel);

    public int OfGroup(string name) => FirstGroup + (int)(StableHash.Of(name) % (uint)_groups);

    public int OfUser(string id) => FirstGroup + _groups + (int)(StableHash.Of(id) % (uint)_users);

    /// <summary>The channel on which one node alone listens.</summary>
    public string DirectTo(ulong instance) => string.Create(CultureInfo.InvariantCulture, $"{_prefix}:n:{instance:x16}");
}
