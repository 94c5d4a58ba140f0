using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;

namespace WsPumps.Hosting;

/// <summary>
/// Kestrel's sockets, with a note on each connection of the transport that it was accepted with. Whether anything lies between a request
/// and its socket can then be seen: whatever connection middleware puts itself in between has to put a transport of its own in the place of
/// that one.
/// </summary>
internal sealed class NotingListenerFactory(SocketTransportFactory sockets) : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    /// <summary>
    /// In the place of the server's own, where it uses that; without effect on any other transport, and when it is repeated.
    /// </summary>
    public static void Decorate(IServiceCollection services)
    {
        for (var i = 0; i < services.Count; i++)
        {
            var service = services[i];
            if (service.IsKeyedService || service.ServiceType != typeof(IConnectionListenerFactory)
                || service.ImplementationType != typeof(SocketTransportFactory))
            {
                continue;
            }

            services[i] = ServiceDescriptor.Singleton<IConnectionListenerFactory>(
                provider => new NotingListenerFactory(ActivatorUtilities.CreateInstance<SocketTransportFactory>(provider)));
        }
    }

    public bool CanBind(EndPoint endpoint) => sockets.CanBind(endpoint);

    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        new Listener(await sockets.BindAsync(endpoint, cancellationToken));

    private sealed class Listener(IConnectionListener inner) : IConnectionListener
    {
        public EndPoint EndPoint => inner.EndPoint;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            var connection = await inner.AcceptAsync(cancellationToken);
            connection?.Features.Set(new NotedTransport(connection.Transport));
            return connection;
        }

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default) => inner.UnbindAsync(cancellationToken);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
