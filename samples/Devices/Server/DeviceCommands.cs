using System.Collections.Concurrent;
using WsPumps;

namespace Devices.Server;

/// <summary>
/// Questions and answers over a connection that knows only messages: each command has a number, the answer repeats it, and
/// whoever asked waits for it, but not for ever.
/// </summary>
internal sealed class DeviceCommands(Broadcaster broadcaster, TimeSpan timeout, TimeProvider? time = null)
{
    private readonly ConcurrentDictionary<uint, Pending> _pending = new();
    private uint _lastNumber;

    public async Task<CommandAnswer> SendAsync(string device, string command, CancellationToken cancellationToken)
    {
        // One device has one connection, but for the moment in which a new one replaces the old.
        if (broadcaster.User(device).Local.LastOrDefault() is not { } client)
            return new CommandAnswer(CommandState.NotConnected);

        var number = Interlocked.Increment(ref _lastNumber);
        var pending = new Pending(client.Id);
        _pending[number] = pending;
        try
        {
            // Before the wait: an answer may come at once. After it is known: a connection that ends from here on is told to it.
            var message = DeviceMessage.WithText(DeviceMessageKind.Command, number, command).Encode();
            if (client.Write(message) is not WriteResult.Queued)
                return new CommandAnswer(CommandState.NotConnected);

            return await pending.Answer.Task.WaitAsync(timeout, time ?? TimeProvider.System, cancellationToken);
        }
        catch (TimeoutException)
        {
            return new CommandAnswer(CommandState.TimedOut);
        }
        finally
        {
            _pending.TryRemove(number, out _);
        }
    }

    /// <summary>An answer counts only from the connection that was asked.</summary>
    public void Answer(IClient client, DeviceMessage answer)
    {
        if (_pending.TryGetValue(answer.Number, out var pending) && pending.ClientId == client.Id)
            pending.Answer.TrySetResult(new CommandAnswer(CommandState.Answered, answer.Kind is DeviceMessageKind.Done, answer.ReadText()));
    }

    /// <summary>The connection has ended: nobody waits for its answers any longer.</summary>
    public void Lose(IClient client)
    {
        foreach (var pending in _pending.Values)
        {
            if (pending.ClientId == client.Id)
                pending.Answer.TrySetResult(new CommandAnswer(CommandState.Lost));
        }
    }

    private sealed record Pending(string ClientId)
    {
        public TaskCompletionSource<CommandAnswer> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
