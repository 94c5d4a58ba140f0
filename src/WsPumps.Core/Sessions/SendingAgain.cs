using System.Buffers;
using WsPumps.Transports;

namespace WsPumps.Sessions;

/// <summary>Writes what a peer lacks that has come back, in batches.</summary>
internal sealed class SendingAgain(TimeProvider time)
{
    private const int MaxBatch = 16 * 1024;

    private long _since;

    /// <summary>When the write under way began; 0 while there is none.</summary>
    public long Since => Volatile.Read(ref _since);

    /// <returns>False when the connection was lost, for whatever reason.</returns>
    public async Task<bool> TryWriteAsync(PreparedMessage[] messages, Transport connection)
    {
        var buffer = new ArrayBufferWriter<byte>();
        try
        {
            for (var i = 0; i < messages.Length; i++)
            {
                buffer.Write(SessionFrames.FormOf(messages[i], connection.Compression).Frame.Span);
                if (buffer.WrittenCount < MaxBatch && i < messages.Length - 1)
                    continue;

                Volatile.Write(ref _since, time.GetTimestamp());
                await connection.WriteAsync(buffer.WrittenMemory).ConfigureAwait(false);
                buffer.ResetWrittenCount();
            }

            return true;
        }
        catch (Exception)
        {
            return false;
        }
        finally
        {
            Volatile.Write(ref _since, 0);
        }
    }
}
