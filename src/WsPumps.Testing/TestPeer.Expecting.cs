using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using WsPumps.Testing.Peers;

namespace WsPumps.Testing;

/// <content>What a test expects of the server.</content>
public sealed partial class TestPeer
{
    internal static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);

    /// <summary>Returns the next message, whatever it is.</summary>
    /// <exception cref="PumpsTestException">None has come, or none can come.</exception>
    public Task<PeerMessage> ReceiveAsync() => _inbox.WaitAsync(_inbox.TryTake, NoMoreMessages, "a message");

    /// <summary>Expects that the next message is this text.</summary>
    /// <exception cref="PumpsTestException">It is another, or none comes.</exception>
    public Task ExpectAsync(string text) => ExpectAsync(message => message.Text == text, $"the text '{text}'");

    /// <summary>Expects that the next message fulfills a condition.</summary>
    /// <param name="condition">The condition.</param>
    /// <param name="what">For the text of the exception: what is expected; by default the expression.</param>
    /// <exception cref="PumpsTestException">It does not, or none comes.</exception>
    public async Task<PeerMessage> ExpectAsync(Func<PeerMessage, bool> condition,
        [CallerArgumentExpression(nameof(condition))] string what = "")
    {
        ArgumentNullException.ThrowIfNull(condition);
        var message = await _inbox.WaitAsync(_inbox.TryTake, NoMoreMessages, what).ConfigureAwait(false);
        return condition(message) ? message : throw _inbox.Failure($"{what}, and {message} came");
    }

    /// <summary>
    /// Expects that the next message is JSON that has everything this JSON has: objects may have more properties, but arrays no more
    /// elements.
    /// </summary>
    /// <exception cref="PumpsTestException">It has not, or none comes.</exception>
    /// <exception cref="JsonException"><paramref name="shape"/> is not JSON.</exception>
    public async Task<PeerMessage> ExpectJsonAsync(string shape)
    {
        using var expected = JsonDocument.Parse(shape);
        return await ExpectAsync(message => JsonShape.Fits(expected.RootElement, message), $"JSON with {shape}").ConfigureAwait(false);
    }

    /// <summary>Expects that the next message is JSON of this type.</summary>
    /// <returns>The value.</returns>
    /// <exception cref="PumpsTestException">It is not, or none comes.</exception>
    public async Task<T?> ExpectJsonAsync<T>(JsonTypeInfo<T> typeInfo)
    {
        var message = await _inbox.WaitAsync(_inbox.TryTake, NoMoreMessages, $"JSON of {typeof(T)}").ConfigureAwait(false);
        try
        {
            return message.GetJson(typeInfo);
        }
        catch (JsonException exception)
        {
            throw _inbox.Failure($"JSON of {typeof(T)}, and {message} came ({exception.Message})");
        }
    }

    /// <summary>Waits for a message that fulfills a condition, and skips those before it.</summary>
    /// <param name="condition">The condition.</param>
    /// <param name="what">For the text of the exception: what is expected; by default the expression.</param>
    /// <exception cref="PumpsTestException">None has come, or none can come.</exception>
    public Task<PeerMessage> ExpectEventuallyAsync(Func<PeerMessage, bool> condition,
        [CallerArgumentExpression(nameof(condition))] string what = "")
    {
        ArgumentNullException.ThrowIfNull(condition);
        return _inbox.WaitAsync(() => _inbox.TryTake(condition), NoMoreMessages, what);
    }

    /// <summary>Waits until everything is at rest, and expects that no message has come and the connection is open.</summary>
    /// <exception cref="PumpsTestException">A message, a close or the end has come.</exception>
    public async Task ExpectNothingAsync()
    {
        await _time.SettleAsync().ConfigureAwait(false);
        if (_inbox.Peek() is { } message)
            throw _inbox.Failure($"nothing, and {message} came");
        if (NoMoreMessages())
            throw _inbox.Failure("nothing, and the connection was closed");
    }

    /// <summary>Expects the server's close frame, with this code. Messages that have not been received yet can still be received.</summary>
    /// <exception cref="PumpsTestException">It has another code, or none can come.</exception>
    public async Task<PeerEnd> ExpectCloseAsync(int status)
    {
        var close = await _inbox.WaitAsync(() => _inbox.Close, () => _inbox.End is not null, $"a close frame with {status}")
            .ConfigureAwait(false);
        return close.CloseStatus == status
            ? close : throw _inbox.Failure($"a close frame with {status}, and one with {close.CloseStatus} came");
    }

    /// <summary>Expects that the connection ends, in whatever way.</summary>
    /// <exception cref="PumpsTestException">It has not ended.</exception>
    public Task<PeerEnd> ExpectEndAsync() => _inbox.WaitAsync(() => _inbox.End, static () => false, "the end of the connection");

    /// <summary>Expects that the connection ends, and returns the server's record of it.</summary>
    /// <exception cref="PumpsTestException">The server's end has not ended.</exception>
    public async Task<DisconnectRecord> ExpectRecordAsync()
    {
        try
        {
            return await Client.Completion.WaitAsync(_limit, TimeProvider.System).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw _inbox.Failure($"the server's record of the end, which has not come within {_limit} of real time",
                Hints().Concat(_inbox.Errors()));
        }
    }

    private IEnumerable<string> Hints()
    {
        if (Link.ToPeer.Faults.IsStalled)
            yield return "The reads of this peer are stalled: Link.ResumeReads lets it read on.";
        if (_time.Work.DescribeUnfinished() is { } unfinished)
            yield return $"Under way: {unfinished}.";
        if (_time.UntilNextTimer is { } next)
            yield return $"The clock stands at {_time.Elapsed}, and its next timer is due in {next}: AdvanceAsync moves it.";
    }

    private bool NoMoreMessages() => _inbox.End is not null || _inbox.Close is not null;
}
