using NATS.Client.Core;

namespace WsPumps.Nats;

/// <summary>One channel this server listens to. NATS.Net subscribes anew by itself after a connection was lost.</summary>
internal sealed class NatsSubscription
{
    private readonly CancellationTokenSource _ending = new();

    /// <param name="before">The subscription to the same channel that was ended before: what it has still to tell comes first.</param>
    /// <param name="connected">Completes when the connection is there for the first time: until then nothing can be subscribed to.</param>
    /// <param name="connection">The connection.</param>
    /// <param name="channel">The channel.</param>
    /// <param name="receive">Called for each message.</param>
    public NatsSubscription(NatsSubscription? before, Task connected, INatsConnection connection, string channel,
        Action<string, ReadOnlyMemory<byte>> receive)
    {
        using (ExecutionContext.SuppressFlow())
            Completion = Task.Run(() => RunAsync(before, connected, connection, channel, receive));
    }

    public Task Completion { get; }

    public bool IsEnding => _ending.IsCancellationRequested;

    public void End() => _ending.Cancel();

    private async Task RunAsync(NatsSubscription? before, Task connected, INatsConnection connection, string channel,
        Action<string, ReadOnlyMemory<byte>> receive)
    {
        if (before is not null)
            await before.Completion.ConfigureAwait(false);

        try
        {
            await connected.WaitAsync(_ending.Token).ConfigureAwait(false);
            await foreach (var message in connection.SubscribeAsync<NatsMemoryOwner<byte>>(channel, cancellationToken: _ending.Token)
                .ConfigureAwait(false))
            {
                using var data = message.Data;
                receive(channel, data.Memory);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException or NatsException)
        {
            // The interest or the connection has ended. A subscription that is gone for another reason is noticed by the probes, and
            // renewed.
        }
    }
}
