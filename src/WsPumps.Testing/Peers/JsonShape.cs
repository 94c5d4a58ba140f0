using System.Text.Json;

namespace WsPumps.Testing.Peers;

/// <summary>
/// Whether JSON has what another has: of objects at least the same properties, of arrays the same elements, else the same value.
/// </summary>
internal static class JsonShape
{
    public static bool Fits(JsonElement expected, JsonElement actual)
    {
        if (expected.ValueKind != actual.ValueKind)
            return false;

        return expected.ValueKind switch
        {
            JsonValueKind.Object => expected.EnumerateObject()
                .All(property => actual.TryGetProperty(property.Name, out var value) && Fits(property.Value, value)),
            JsonValueKind.Array => expected.GetArrayLength() == actual.GetArrayLength()
                && expected.EnumerateArray().Zip(actual.EnumerateArray()).All(pair => Fits(pair.First, pair.Second)),
            _ => JsonElement.DeepEquals(expected, actual),
        };
    }

    public static bool Fits(JsonElement expected, PeerMessage message)
    {
        try
        {
            using var actual = JsonDocument.Parse(message.Payload);
            return Fits(expected, actual.RootElement);
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
