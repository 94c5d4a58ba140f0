using System.IO.Compression;
using WsPumps.Clustering;
using WsPumps.Compression;

namespace WsPumps.Core.Tests.Clustering;

public sealed class MessageBodyTests
{
    private static readonly byte[] Payload = [.. Enumerable.Range(0, 4000).Select(i => (byte)(i % 7))];

    [Fact]
    public void Read_Compressed_IsTheMessage()
    {
        var deflated = Deflate.Compress(Payload, CompressionLevel.Fastest)!;

        Read(Written(PreparedMessage.Binary(Payload), deflated))!.Payload.ToArray().Should().Equal(Payload);
    }

    [Theory]
    [InlineData(3999)]
    [InlineData(4001)]
    public void Read_CompressedOfAnotherLength_IsNoMessage(int length)
    {
        var deflated = Deflate.Compress(Payload, CompressionLevel.Fastest)!;

        Read(Written(PreparedMessage.Binary(new byte[length]), deflated)).Should().BeNull();
    }

    [Fact]
    public void Read_CompressedThatClaimsMoreThanCanBe_IsNoMessage()
    {
        Read(Written(PreparedMessage.Binary(new byte[1_000_000]), [1, 2, 3])).Should().BeNull();
    }

    [Fact]
    public void Read_CompressedGarbage_IsNoMessage()
    {
        var random = new Random(1);
        for (var i = 0; i < 1000; i++)
        {
            var garbage = new byte[random.Next(1, 100)];
            random.NextBytes(garbage);
            Read(Written(PreparedMessage.Binary(Payload), garbage)).Should().BeNull();
        }
    }

    [Fact]
    public void Read_CompressedTextThatIsNotUtf8_IsNoMessage()
    {
        byte[] invalid = [.. Enumerable.Repeat((byte)0xFF, 1000)];
        var deflated = Deflate.Compress(invalid, CompressionLevel.Fastest)!;

        Read(Written(PreparedMessage.Text(new string('a', 1000)), deflated)).Should().BeNull();
    }

    private static byte[] Written(PreparedMessage message, byte[] deflated)
    {
        var writer = BodyWriter.Begin();
        MessageBody.Write(writer, message, deflated);
        return writer.ToArray();
    }

    private static PreparedMessage? Read(byte[] body)
    {
        var reader = new BodyReader(body);
        return MessageBody.Read(ref reader, isCompressed: true);
    }
}
