using System.Net.WebSockets;
using System.Threading.Channels;

namespace WsPumps.Tests.CustomTypes;

/// <summary>
/// A manager written from scratch, as a loop: registrations are requests to it and wait until they are done. When the
/// host stops it closes its clients and goes on until they are gone.
/// </summary>
internal sealed class LoopManager : IManager
{
    private readonly Channel<Request> _requests = Channel.CreateUnbounded<Request>();
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile IClient[] _clients = [];

    public Task Started => _started.Task;

    public Task Ended => _ended.Task;

    public IReadOnlyCollection<IClient> Clients => _clients;

    public void Register(IClient client) => Send(client, add: true);

    public void Unregister(IClient client) => Send(client, add: false);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        _started.SetResult();
        await using var stopping = cancellationToken.Register(() => _requests.Writer.TryWrite(new Request(null, false, null)));
        while (!cancellationToken.IsCancellationRequested || _clients.Length > 0)
        {
            var request = await _requests.Reader.ReadAsync(CancellationToken.None);
            if (request.Client is { } client)
                _clients = request.Add ? [.. _clients, client] : [.. _clients.Where(other => other != client)];
            else
                Array.ForEach(_clients, client => client.CloseAsync(WebSocketCloseStatus.EndpointUnavailable));
            request.Done?.SetResult();
        }

        _ended.SetResult();
    }

    private void Send(IClient client, bool add)
    {
        using var done = new ManualResetEventSlim();
        var handled = new TaskCompletionSource();
        handled.Task.GetAwaiter().OnCompleted(done.Set);
        _requests.Writer.TryWrite(new Request(client, add, handled));
        done.Wait(Limit.Time).Should().BeTrue();
    }

    private sealed record Request(IClient? Client, bool Add, TaskCompletionSource? Done);
}
