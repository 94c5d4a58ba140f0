using System.Globalization;

namespace WsPumps.Load.Running;

/// <summary>The command line: options with a value, and flags.</summary>
internal sealed class Arguments(IEnumerable<string> arguments)
{
    private readonly List<string> _left = [.. arguments];

    public bool TakeFlag(string name) => _left.Remove(name);

    /// <returns>The value behind the name; null when the name is not there.</returns>
    public string? Take(string name)
    {
        var index = _left.IndexOf(name);
        if (index < 0)
            return null;
        if (index + 1 == _left.Count)
            throw new LoadException($"{name} needs a value.");

        var value = _left[index + 1];
        _left.RemoveRange(index, 2);
        return value;
    }

    public int? TakeNumber(string name) => Take(name) is not { } value ? null
        : int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw new LoadException($"{name} needs a number, not '{value}'.");

    public IEnumerable<string> TakeAll(string name)
    {
        while (Take(name) is { } value)
            yield return value;
    }

    public IReadOnlyList<string> TakeList(string name) =>
        Take(name)?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];

    public void ThrowIfAnyLeft()
    {
        if (_left.Count > 0)
            throw new LoadException($"'{_left[0]}' is not known. Run without arguments for help.");
    }
}
