using System.Net;

namespace WsPumps.Connecting;

/// <summary>
/// Stands below the runtime's WebSocket during the handshake: that asks, checks the answer, and is given an empty stream; the real one is
/// taken from here, for a WebSocket of ours, whose pings can be measured and whose writes carry many messages.
/// </summary>
internal sealed class Upgrade(HttpMessageInvoker invoker) : HttpMessageHandler
{
    /// <summary>The connection; null until the server has agreed.</summary>
    public Stream? Stream { get; private set; }

    /// <summary>Whether it is one of several streams of a connection, which are written when they are flushed.</summary>
    public bool IsMultiplexed { get; private set; }

    /// <summary>What the server has agreed on of the extensions that were offered; null for nothing.</summary>
    public string? Extensions { get; private set; }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await invoker.SendAsync(request, cancellationToken).ConfigureAwait(false);
        IsMultiplexed = response.Version.Major > 1;
        if (response.StatusCode is not HttpStatusCode.SwitchingProtocols && !(IsMultiplexed && response.StatusCode is HttpStatusCode.OK))
            return response;

        Extensions = response.Headers.TryGetValues("Sec-WebSocket-Extensions", out var values) ? string.Join(',', values) : null;
        Stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        response.Content = new EmptyContent();
        return response;
    }

    private sealed class EmptyContent : HttpContent
    {
        protected override Task<Stream> CreateContentReadStreamAsync() => Task.FromResult<Stream>(new MemoryStream());

        protected override Stream CreateContentReadStream(CancellationToken cancellationToken) => new MemoryStream();

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => Task.CompletedTask;

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
