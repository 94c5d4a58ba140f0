namespace WsPumps.Endpoints;

/// <summary>Metadata by which the endpoints of this library are known among all of the application.</summary>
internal sealed class MappedEndpoint
{
    public static readonly MappedEndpoint Instance = new();

    private MappedEndpoint()
    {
    }
}
