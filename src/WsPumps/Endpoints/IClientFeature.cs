namespace WsPumps.Endpoints;

/// <summary>Put among the features of a request by whoever wants to know its client, as the test kit does.</summary>
internal interface IClientFeature
{
    /// <summary>The client that the endpoint has made; null before.</summary>
    IClient? Client { get; set; }
}
