using System.Net.WebSockets;
using WsPumps.Transports;

namespace WsPumps.Outbound;

/// <summary>The only code that writes to the peer: one loop from the channel to the transport. Called by <see cref="Client"/>, once.</summary>
internal sealed class WritePump(OutboundChannel channel, Transport transport, TimeProvider time)
{
    /// <summary>When the write under way began; 0 when none is. Written by the pump, read by the heartbeat.</summary>
    private long _writingSince;

    public long MessagesSent { get; private set; }

    public long BytesSent { get; private set; }

    /// <summary>The message whose write failed, if one did: taken from the channel, not sent.</summary>
    public PreparedMessage? Failed { get; private set; }

    /// <summary>Ends when the channel is completed and read to its end, or throws what the transport throws.</summary>
    public async Task RunAsync()
    {
        while (await channel.WaitToReadAsync().ConfigureAwait(false))
        {
            while (channel.TryRead(out var message))
            {
                Failed = message;
                await TimedAsync(transport.WriteAsync(message)).ConfigureAwait(false);
                Failed = null;
                MessagesSent++;
                BytesSent += message.Length;
            }
        }
    }

    /// <summary>Writes the close frame, as the last thing.</summary>
    public ValueTask CloseAsync(WebSocketCloseStatus status, string reason) => TimedAsync(transport.WriteCloseAsync(status, reason));

    /// <summary>How long the write under way has been going on.</summary>
    public TimeSpan WritingFor(long now) => Volatile.Read(ref _writingSince) is var since and not 0 ? time.GetElapsedTime(since, now) : TimeSpan.Zero;

    /// <summary>Only a write that does not complete at once needs watching.</summary>
    private ValueTask TimedAsync(ValueTask write)
    {
        return write.IsCompletedSuccessfully ? write : Watched(write);

        async ValueTask Watched(ValueTask pending)
        {
            Volatile.Write(ref _writingSince, time.GetTimestamp());
            await pending.ConfigureAwait(false);
            Volatile.Write(ref _writingSince, 0);
        }
    }
}
