using WsPumps.Framing;

namespace WsPumps.Core.Tests.Framing;

public sealed class MaskingTests
{
    [Fact]
    public void Apply_AnyLengthAndCut_IsTheXorOfTheStandard()
    {
        var random = new Random(1);
        for (var length = 0; length < 200; length++)
        {
            var key = new byte[4];
            random.NextBytes(key);
            var plain = new byte[length];
            random.NextBytes(plain);
            var expected = plain.Select((value, i) => (byte)(value ^ key[i % 4])).ToArray();

            var cut = random.Next(length + 1);
            var masked = new byte[length];
            var next = Masking.Apply(plain.AsSpan(0, cut), masked, Masking.ReadKey(key));
            Masking.Apply(plain.AsSpan(cut), masked.AsSpan(cut), next);

            masked.Should().Equal(expected);
        }
    }

    [Fact]
    public void Apply_InPlace_UnmasksWhatItMasked()
    {
        var bytes = Enumerable.Range(0, 100).Select(i => (byte)i).ToArray();
        Masking.Apply(bytes, bytes, 0x11223344);
        bytes.Should().NotContainInOrder(0, 1, 2, 3);
        Masking.Apply(bytes, bytes, 0x11223344);
        bytes.Should().Equal(Enumerable.Range(0, 100).Select(i => (byte)i));
    }
}
