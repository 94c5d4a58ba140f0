using WsPumps.Sessions;

namespace WsPumps.Core.Tests.Sessions;

/// <summary>A session over connections that agreed on different things: its messages stay as they were written, and each gets its form.</summary>
public sealed class SessionCompressionTests
{
    private static readonly string Long = string.Concat(Enumerable.Range(0, 500).Select(i => $"{{\"id\":{i}}}"));

    private readonly FakeConnection _first = new(new CompressionAgreement());
    private readonly SessionTransport _session;

    public SessionCompressionTests() => _session = new SessionTransport(_first, new SentMessages(100, 100_000), () => { }, TimeProvider.System);

    [Fact]
    public async Task Write_BatchOfLongAndShort_CompressesTheLongOnes()
    {
        await WriteAsync(Long, "short", Long);
        await WriteAsync(Long);
        await WriteAsync("short");

        _first.Texts.Should().Equal(Long, "short", Long, Long, "short");
        _first.CompressedTexts.Should().Be(3);
    }

    [Fact]
    public async Task Write_NotToBeCompressed_IsPlain()
    {
        await WriteAsync(PreparedMessage.Text(Long).With(new MessageOptions { Compress = false }));

        _first.Texts.Should().Equal(Long);
        _first.CompressedTexts.Should().Be(0);
    }

    [Fact]
    public async Task Serve_ConnectionsThatAgreedOnSomethingElse_EachGetsWhatItCanRead()
    {
        await WriteAsync(Long, "short");
        var (plain, smallWindow, again) = (new FakeConnection(), new FakeConnection(new CompressionAgreement { MaxWindowBits = 9 }), new FakeConnection(new CompressionAgreement()));
        foreach (var next in new[] { plain, smallWindow, again })
        {
            _session.TryLose(_session.Current);
            var waiting = WriteAsync(Long);
            await ServeAsync(next).InTime();
            await waiting.InTime();
            await WriteAsync(Long);
        }

        plain.Texts.Should().Equal(Long, "short", Long, Long);
        plain.CompressedTexts.Should().Be(0);
        smallWindow.CompressedTexts.Should().Be(0, "it would reach further back than that peer allows");
        again.Texts.Should().HaveCount(8);
        again.CompressedTexts.Should().Be(7);
    }

    private Task<int?> ServeAsync(FakeConnection next) => _session.ServeAsync(next, _session.Kept.LackingAfter(0, out _)!, () => true);

    private Task WriteAsync(params PreparedMessage[] messages)
    {
        _session.Sending(messages);
        return _session.WriteAsync(messages.SelectMany(message => message.Frame.ToArray()).ToArray()).AsTask();
    }
}
