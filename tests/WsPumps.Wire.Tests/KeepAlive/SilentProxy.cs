using System.Net;
using System.Net.Sockets;

namespace WsPumps.Wire.Tests.KeepAlive;

/// <summary>Stands for a network between client and server that stops to deliver, without a word to either.</summary>
internal sealed class SilentProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _silent = new();
    private readonly TcpClient _toServer = new();
    private readonly Task _forwarding;
    private TcpClient? _toClient;

    public SilentProxy(IPEndPoint server)
    {
        _listener.Start();
        _forwarding = ForwardAsync(server);
    }

    public IPEndPoint EndPoint => (IPEndPoint)_listener.LocalEndpoint;

    /// <summary>From now on nothing passes, and both connections stay open.</summary>
    public async Task GoSilentAsync()
    {
        await _silent.CancelAsync();
        await _forwarding.InTime();
    }

    public async ValueTask DisposeAsync()
    {
        await GoSilentAsync();
        _toServer.Dispose();
        _toClient?.Dispose();
        _listener.Dispose();
        _silent.Dispose();
    }

    private async Task ForwardAsync(IPEndPoint server)
    {
        try
        {
            _toClient = await _listener.AcceptTcpClientAsync(_silent.Token);
            await _toServer.ConnectAsync(server, _silent.Token);
            await Task.WhenAll(
                _toClient.GetStream().CopyToAsync(_toServer.GetStream(), _silent.Token),
                _toServer.GetStream().CopyToAsync(_toClient.GetStream(), _silent.Token));
        }
        catch (OperationCanceledException)
        {
            // Silent.
        }
    }
}
