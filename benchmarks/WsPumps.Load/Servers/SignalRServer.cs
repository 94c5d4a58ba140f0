using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;
using WsPumps.Load.Protocols;

namespace WsPumps.Load.Servers;

/// <summary>SignalR with its JSON protocol and its defaults, but for the limits that all servers share.</summary>
internal static class SignalRServer
{
    public static Task<int> StartAsync(ServerSettings settings) => KestrelHost.StartAsync(
        settings,
        services => services.AddSignalR(options =>
        {
            options.KeepAliveInterval = KestrelHost.PingInterval;
            // The load side sends nothing while it is idle; a client of SignalR would send pings of its own.
            options.ClientTimeoutInterval = TimeSpan.FromHours(1);
            options.MaximumReceiveMessageSize = KestrelHost.MaxMessageSize;
        }),
        app =>
        {
            app.MapHub<EchoHub>("/echo");
            app.MapHub<BroadcastHub>("/broadcast");
        });

    internal sealed class EchoHub : Hub
    {
        public Task Send(string text) => Clients.Caller.SendAsync(SignalRProtocol.Target, text);
    }

    internal sealed class BroadcastHub : Hub
    {
        public Task Send(string text) => Clients.All.SendAsync(SignalRProtocol.Target, text);
    }
}
