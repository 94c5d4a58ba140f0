using Microsoft.Extensions.Hosting;

namespace WsPumps.Hosting;

/// <summary>Starts and closes a client with its host. A server that is not there holds up nothing.</summary>
internal sealed class ReconnectingClientService(ReconnectingClient client) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _ = client.StartAsync(CancellationToken.None);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => client.CloseAsync(cancellationToken: cancellationToken);
}
