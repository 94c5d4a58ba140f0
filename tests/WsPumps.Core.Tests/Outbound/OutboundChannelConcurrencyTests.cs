using WsPumps.Outbound;

namespace WsPumps.Core.Tests.Outbound;

public sealed class OutboundChannelConcurrencyTests
{
    private const int Writers = 4;
    private const int MessagesEach = 100_000;

    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(1024)]
    public async Task ManyWriters_OneReader_LoseNothingAndKeepTheirOrder(int maxMessages)
    {
        var (channel, _) = Channels.Create(maxMessages, maxBytes: 1 << 20);
        var writing = Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(() => WriteAllAsync(channel, writer))));
        var reading = Task.Run(() => ReadAllAsync(channel));

        await writing.WaitAsync(Limit.Time * 4);
        channel.Complete(discard: false);
        (await reading.InTime()).Should().AllBeEquivalentTo(MessagesEach);
    }

    private static async Task WriteAllAsync(OutboundChannel channel, int writer)
    {
        var payload = new byte[8];
        BitConverter.TryWriteBytes(payload, writer);
        for (var i = 0; i < MessagesEach; i++)
        {
            BitConverter.TryWriteBytes(payload.AsSpan(4), i);
            var result = await channel.WriteAsync(PreparedMessage.Binary(payload), CancellationToken.None);
            if (result is not WriteResult.Queued)
                throw new InvalidOperationException($"{result}");
        }
    }

    /// <returns>How many came from each writer.</returns>
    private static async Task<int[]> ReadAllAsync(OutboundChannel channel)
    {
        var next = new int[Writers];
        var batch = new PreparedMessage[64];
        var reader = new WaitingReader(channel);
        while (await reader.WaitAsync())
        {
            while (channel.Read(batch, maxBytes: 400) is var count and > 0)
            {
                foreach (var message in batch.AsSpan(0, count))
                {
                    var payload = message.Payload.Span;
                    var (writer, number) = (BitConverter.ToInt32(payload), BitConverter.ToInt32(payload[4..]));
                    if (number != next[writer]++)
                        throw new InvalidOperationException($"Writer {writer}: {number} instead of {next[writer] - 1}.");
                }
            }
        }

        return next;
    }
}
