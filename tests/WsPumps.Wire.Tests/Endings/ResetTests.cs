using WsPumps.Wire.Tests.Clients;
using WsPumps.Wire.Tests.Hosting;

namespace WsPumps.Wire.Tests.Endings;

public sealed class ResetTests
{
    private const int Queued = 256;

    /// <summary>
    /// The server reports writes to a connection that was reset as done. What waits in the queue at that moment must not be poured into nothing and
    /// counted as sent.
    /// </summary>
    [Theory]
    [InlineData(Carrier.Http1)]
    [InlineData(Carrier.Http1Tls)]
    public async Task Reset_PeerHasStalledAndTheQueueIsFull_QueueIsUnsent(Carrier carrier)
    {
        for (var round = 0; round < 6; round++)
        {
            await using var server = await WireServer.StartAsync(endpoint =>
            {
                endpoint.Options.MaxQueuedMessages = 100_000;
                endpoint.Options.MaxQueuedBytes = 1L << 40;
            });
            var (peer, client) = await server.OpenAsync(carrier, receiveBuffer: 4096);
            await using var disposing = peer;
            var written = await FillAsync(client);

            peer.Reset();

            var record = await server.NextEndAsync();
            (record.MessagesSent + record.MessagesUnsent).Should().Be(written);
            // One write may have been done just before.
            record.MessagesUnsent.Should().BeGreaterThanOrEqualTo(Queued, "round {0}", round);
        }
    }

    /// <summary>Until nothing has left any more for a while, and then as many again.</summary>
    private static async Task<int> FillAsync(IClient client)
    {
        var message = PreparedMessage.Binary(new byte[16 * 1024]);
        var (written, sent, still) = (0, -1L, 0);
        while (still < 20)
        {
            client.Write(message).Should().Be(WriteResult.Queued);
            written++;
            await WaitAsync(client);
            still = client.Statistics.MessagesSent == sent ? still + 1 : 0;
            sent = client.Statistics.MessagesSent;
        }

        for (var i = 0; i < Queued; i++, written++)
            client.Write(message).Should().Be(WriteResult.Queued);
        return written;
    }

    /// <summary>Gives the pump its time: to write what is queued, or to come to a halt.</summary>
    private static async Task WaitAsync(IClient client)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(20));
        try
        {
            await ((Client)client).WaitForDrainAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            // It stalls, as far as one can see.
        }
    }
}
