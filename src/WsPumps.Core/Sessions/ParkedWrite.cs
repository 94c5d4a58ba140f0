namespace WsPumps.Sessions;

/// <summary>A write that waits until a connection serves the session. Its memory stays as it is until it completes.</summary>
internal sealed class ParkedWrite(ReadOnlyMemory<byte> frames) : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
{
    public ReadOnlyMemory<byte> Frames { get; } = frames;
}
