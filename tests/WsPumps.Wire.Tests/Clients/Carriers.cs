namespace WsPumps.Wire.Tests.Clients;

/// <summary>Test cases for every carrier.</summary>
internal static class Carriers
{
    public static TheoryData<Carrier> All => [.. Enum.GetValues<Carrier>()];

    public static TheoryData<Carrier, T> With<T>(params IEnumerable<T> cases)
    {
        var data = new TheoryData<Carrier, T>();
        foreach (var carrier in Enum.GetValues<Carrier>())
        {
            foreach (var value in cases)
                data.Add(carrier, value);
        }

        return data;
    }
}
