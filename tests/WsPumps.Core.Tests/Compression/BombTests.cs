namespace WsPumps.Core.Tests.Compression;

/// <summary>Counts what the whole process allocates, so no other test may run beside it.</summary>
[Collection(nameof(BombTests))]
public sealed class BombTests
{
    [Fact]
    public async Task Bomb_OfAThousandTimesItsSize_IsNeverHeldWhole()
    {
        const int length = 64 * 1024 * 1024;
        var frame = ClientFrame.Build(WireOpcode.Binary, Deflated.Payload(new byte[length]), reservedBits: Deflated.Rsv1);
        await using var test = new CompressedClient();
        var before = GC.GetTotalAllocatedBytes(precise: true);

        await test.SendAsync(frame);

        (await test.CloseCodeAsync()).Should().Be(1009);
        (GC.GetTotalAllocatedBytes(precise: true) - before).Should().BeLessThan(length / 8);
    }
}
