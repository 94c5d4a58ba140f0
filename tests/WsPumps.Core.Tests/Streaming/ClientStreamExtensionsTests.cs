using System.IO.Pipelines;
using System.Net.WebSockets;

namespace WsPumps.Core.Tests.Streaming;

public sealed class ClientStreamExtensionsTests
{
    private static readonly byte[] Bytes = [.. Enumerable.Range(0, 100_000).Select(i => (byte)(i * 7))];

    [Fact]
    public async Task Send_Stream_ArrivesAsOneMessageOfFewFragments()
    {
        await using var streaming = new StreamingClient();
        var reading = streaming.ReadMessageAsync();
        await streaming.Client.SendAsync(new MemoryStream(Bytes), WebSocketMessageType.Binary, Bytes.Length).InTime();

        var frames = await reading;
        frames.SelectMany(frame => frame.Payload).Should().Equal(Bytes);
        frames.Should().HaveCountLessThanOrEqualTo(5);
    }

    [Fact]
    public async Task Send_SourceThatGivesLittleAtATime_IsGatheredToFragments()
    {
        await using var streaming = new StreamingClient();
        var reading = streaming.ReadMessageAsync();
        await streaming.Client.SendAsync(Trickle(Bytes), WebSocketMessageType.Binary).InTime();

        var frames = await reading;
        frames.SelectMany(frame => frame.Payload).Should().Equal(Bytes);
        frames.SkipLast(1).Should().OnlyContain(frame => frame.Payload.Length >= 16 * 1024);
    }

    [Fact]
    public async Task SendFile_File_ArrivesWhole()
    {
        var path = Path.GetTempFileName();
        try
        {
            await File.WriteAllBytesAsync(path, Bytes);
            await using var streaming = new StreamingClient();
            var reading = streaming.ReadMessageAsync();
            await streaming.Client.SendFileAsync(path).InTime();

            (await reading).SelectMany(frame => frame.Payload).Should().Equal(Bytes);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public async Task SendFile_ThatIsNotThere_SendsNothing()
    {
        await using var streaming = new StreamingClient();
        await streaming.Client.Awaiting(client => client.SendFileAsync("/nowhere/at.all")).Should().ThrowAsync<IOException>();
        streaming.Client.Write("behind");
        (await streaming.ReadFrameAsync()).Text.Should().Be("behind");
    }

    [Theory]
    [InlineData(99_999)]
    [InlineData(100_001)]
    public async Task Send_LengthThatTheStreamHasNot_IsFoundBeforeAnythingIsSent(long length)
    {
        await using var streaming = new StreamingClient();
        await streaming.Client.Awaiting(client => client.SendAsync(new MemoryStream(Bytes), WebSocketMessageType.Binary, length))
            .Should().ThrowAsync<ArgumentException>().WithMessage($"*100000 bytes left*{length} were announced*");
        streaming.Client.Write("behind");
        (await streaming.ReadFrameAsync()).Text.Should().Be("behind");
    }

    [Theory]
    [InlineData(99_999)]
    [InlineData(100_001)]
    public async Task Send_LengthThatTurnsOutWrong_EndsTheConnectionAndNamesIt(long length)
    {
        await using var streaming = new StreamingClient();
        var reading = streaming.ReadToEndAsync();
        await streaming.Client.Awaiting(client => client.SendAsync(Trickle(Bytes), WebSocketMessageType.Binary, length).InTime())
            .Should().ThrowAsync<InvalidDataException>().WithMessage($"*{length}*announced*");

        (await streaming.EndAsync()).Reason.Should().Be(DisconnectReason.MessageAbandoned);
        (await reading).Should().NotContain(frame => frame.Fin, "the message never looks whole");
    }

    [Fact]
    public async Task Send_ArgumentsThatMakeNoSense_AreRefused()
    {
        await using var streaming = new StreamingClient();
        await streaming.Client.Awaiting(client => client.SendAsync(new MemoryStream(), WebSocketMessageType.Text, -1)).Should().ThrowAsync<ArgumentOutOfRangeException>();
        await streaming.Client.Awaiting(client => client.SendAsync(new Pipe().Writer.AsStream(), WebSocketMessageType.Text)).Should().ThrowAsync<ArgumentException>().WithMessage("*cannot be read*");
    }

    /// <summary>A stream that cannot seek and gives a thousand bytes with each read.</summary>
    private static Stream Trickle(byte[] bytes)
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0, minimumSegmentSize: 1000));
        _ = WriteAsync();
        return pipe.Reader.AsStream();

        async Task WriteAsync()
        {
            foreach (var part in bytes.Chunk(1000))
            {
                await pipe.Writer.WriteAsync(part);
                await Task.Yield();
            }

            await pipe.Writer.CompleteAsync();
        }
    }
}
