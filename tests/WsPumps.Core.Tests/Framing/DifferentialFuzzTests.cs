using System.Net.WebSockets;
using WsPumps.Core.Tests.Wire;
using WsPumps.Framing;

namespace WsPumps.Core.Tests.Framing;

/// <summary>
/// The same bytes, cut at any place, for the runtime's WebSocket and for ours: the same messages, answers and end. Where the two differ, it must be
/// for one of the reasons given here, and everything before that must be the same.
/// </summary>
public sealed class DifferentialFuzzTests
{
    [Theory]
    [InlineData(0, 4000)]
    public Task Receive_AnyBytes_AsTheRuntimeDoes(int first, int seeds) => RunAsync(first, seeds);

    [Trait("Category", "Stress")]
    [Theory]
    [InlineData(0, 50_000)]
    [InlineData(50_000, 50_000)]
    public Task Receive_AnyBytesOfManySeeds_AsTheRuntimeDoes(int first, int seeds) => RunAsync(first, seeds);

    private static async Task RunAsync(int first, int seeds)
    {
        var same = 0;
        for (var seed = first; seed < first + seeds; seed++)
        {
            var bytes = new FuzzedBytes(new Random(seed)).Make();
            var (ours, error) = await OursAsync(bytes, seed);
            var runtimes = await RuntimesAsync(bytes, seed);
            if (IsSame(ours, runtimes))
                same++;
            else
                Explanation(ours, runtimes, error).Should().NotBeNull($"of seed {seed}: {ours.End} [{string.Join(' ', ours.Answers)}], runtime {runtimes.End} [{string.Join(' ', runtimes.Answers)}]");
        }

        same.Should().BeGreaterThan(seeds / 2);
    }

    private static bool IsSame(Conversation ours, Conversation runtimes) =>
        ours.End == runtimes.End && ours.Messages.SequenceEqual(runtimes.Messages) && ours.Answers.SequenceEqual(runtimes.Answers);

    /// <returns>Why we differ; null where there is no reason.</returns>
    private static string? Explanation(Conversation ours, Conversation runtimes, FrameError? error)
    {
        var answersBefore = ours.Answers.SkipLast(ours.Answers.Count > 0 && ours.Answers[^1].StartsWith("Close", StringComparison.Ordinal) ? 1 : 0);
        if (error is null || !IsPrefix(ours.Messages, runtimes.Messages) || !IsPrefix([.. answersBefore], runtimes.Answers))
            return null;
        if (error == FrameError.LongLength || error == FrameError.LongControl)
            return "The runtime takes lengths that are not in their shortest form, also of control frames.";
        if (error == FrameError.CloseReason && runtimes.Answers is [.., "Close 1002"] && ours.Messages.SequenceEqual(runtimes.Messages))
            return "To a reason that is not UTF-8 the runtime answers 1002, section 8.1 says 1007.";

        if (error == FrameError.Utf8 && runtimes.Answers is [.., "Close 1002"])
            return "We refuse the beginning of a character that cannot become one; the runtime waits for its end, and finds a later fault first.";

        return runtimes.End == nameof(WebSocketError.ConnectionClosedPrematurely) && ours.Messages.SequenceEqual(runtimes.Messages)
            ? "We refuse at once what the runtime refuses when more bytes have come, and these never came."
            : null;
    }

    private static bool IsPrefix(IReadOnlyList<string> start, IReadOnlyList<string> all) => start.SequenceEqual(all.Take(start.Count));

    private static async Task<(Conversation, FrameError?)> OursAsync(byte[] bytes, int seed)
    {
        var random = new Random(seed);
        await using var stream = new ScriptedStream(bytes, random);
        using var socket = new StreamWebSocket(stream);
        return (await Conversation.RunAsync(socket, stream, random), socket.Decoder.Error);
    }

    private static async Task<Conversation> RuntimesAsync(byte[] bytes, int seed)
    {
        var random = new Random(~seed);
        await using var stream = new ScriptedStream(bytes, random);
        using var socket = WebSocket.CreateFromStream(stream, new WebSocketCreationOptions { IsServer = true, KeepAliveInterval = TimeSpan.Zero });
        return await Conversation.RunAsync(socket, stream, random);
    }
}
