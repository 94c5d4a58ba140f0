namespace WsPumps;

/// <summary>What an engine reports to. No member throws or blocks.</summary>
public interface IBackplaneReceiver
{
    /// <summary>A message has come. Calls for one channel do not overlap, and come in the order of the messages.</summary>
    /// <param name="channel">The channel it was published on.</param>
    /// <param name="data">Valid until the call returns.</param>
    void Receive(string channel, ReadOnlyMemory<byte> data);

    /// <summary>The engine has connected, lost its connection, or found another reason why it cannot connect.</summary>
    void StatusChanged(BackplaneStatus status);

    /// <summary>The engine takes messages again after <see cref="IBackplane.TryPublish"/> has returned false.</summary>
    void Writable();
}
