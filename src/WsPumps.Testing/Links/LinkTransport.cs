using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;

namespace WsPumps.Testing.Links;

/// <summary>A transport of Kestrel's without a port: connections come from a test.</summary>
internal sealed class LinkTransport : IConnectionListenerFactory, IConnectionListenerFactorySelector, IConnectionListener
{
    private readonly Channel<ConnectionContext> _accepted = Channel.CreateUnbounded<ConnectionContext>();

    public EndPoint EndPoint { get; } = new LinkEndPoint();

    /// <returns>False when the server has stopped.</returns>
    public bool TryConnect(ConnectionContext connection) => _accepted.Writer.TryWrite(connection);

    public bool CanBind(EndPoint endpoint) => endpoint is LinkEndPoint;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) => new(this);

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) =>
        await _accepted.Reader.WaitToReadAsync(cancellationToken) && _accepted.Reader.TryRead(out var connection) ? connection : null;

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        _accepted.Writer.TryComplete();
        return default;
    }

    [SuppressMessage("Usage", "CA1816", Justification = "There is no finalizer.")]
    public ValueTask DisposeAsync() => UnbindAsync();

    private sealed class LinkEndPoint : EndPoint
    {
        public override string ToString() => "localhost";
    }
}
