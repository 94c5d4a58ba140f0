using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Devices.Device;

/// <summary>A small fleet to look at, in the process of the server: each device connects over the network as a real one does.</summary>
internal sealed class Fleet(IServer server, IHostApplicationLifetime host, DeviceTokens tokens, int count) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using (host.ApplicationStarted.Register(started.SetResult))
            await started.Task.WaitAsync(stoppingToken);

        var address = new UriBuilder(server.Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First()) { Scheme = "ws", Path = "/device" }.Uri;
        await Task.WhenAll(Enumerable.Range(1, count).Select(number => RunAsync(address, $"sensor-{number}", stoppingToken)));
    }

    private async Task RunAsync(Uri address, string id, CancellationToken stoppingToken)
    {
        await using var device = new DeviceProgram(address, tokens.Issue(id, DateTimeOffset.UtcNow.AddDays(1)), static _ => { });
        await device.RunAsync(stoppingToken);
    }
}
