using System.IO.Pipelines;
using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using WsPumps.Diagnostics;
using WsPumps.Framing;
using WsPumps.Outbound;

namespace WsPumps.Streaming;

/// <summary>
/// Hands what is written to the queue, as fragments. It holds the one that is being filled; the queue holds
/// <see cref="StreamedMessage.MaxFragments"/> more. For one caller at a time.
/// </summary>
internal sealed class OutgoingMessage : MessageStream
{
    private readonly IStreamOwner _owner;
    private readonly StreamedOutput _output;
    private readonly FragmentBuffer _fragments;
    private MessagePipeWriter? _writer;
    private bool _isComplete;
    private bool _hasFailed;
    private bool _isDisposed;

    private OutgoingMessage(WebSocketMessageType type, StreamedOutput output, IStreamOwner owner, int fragment) =>
        (Type, _output, _owner, _fragments) = (type, output, owner, new FragmentBuffer(type, fragment));

    public override WebSocketMessageType Type { get; }

    public override PipeWriter Writer => _writer ??= new MessagePipeWriter(this);

    /// <summary>What was written and not handed over.</summary>
    public long Unflushed => _fragments.Length;

    /// <param name="type">Text or binary.</param>
    /// <param name="queue">Where it goes.</param>
    /// <param name="owner">Whose it is.</param>
    /// <param name="fragment">The size of a fragment, with its header.</param>
    /// <param name="work">What counts the work that is under way; null for nobody.</param>
    /// <exception cref="InvalidOperationException">Another message is open.</exception>
    /// <exception cref="IOException">The connection ends.</exception>
    public static OutgoingMessage Open(WebSocketMessageType type, OutboundQueue queue, IStreamOwner owner, int fragment, IWorkCounter? work)
    {
        var output = new StreamedOutput(queue, work);
        return output.Open() switch
        {
            StreamOpening.Opened => new OutgoingMessage(type, output, owner, fragment),
            StreamOpening.Busy => throw new InvalidOperationException($"A message is being streamed to client {owner.Id} already. A " +
                "WebSocket carries one message at a time (RFC 6455, section 5.4): complete that one first."),
            _ => throw new ConnectionEndedException($"Connection {owner.Id} is closing or has ended: no message can be opened."),
        };
    }

    /// <inheritdoc cref="FragmentBuffer.Room"/>
    public Memory<byte> Room(int sizeHint)
    {
        ThrowIfNotOpen();
        return _fragments.Room(sizeHint);
    }

    public void Advance(int count) => _fragments.Advance(count);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ThrowIfNotOpen();
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled(cancellationToken);

        var source = buffer.Span;
        Copy(ref source);
        return source.IsEmpty ? default : WriteRestAsync(buffer[^source.Length..], cancellationToken);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>Blocks the thread while there is no room.</summary>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        for (Copy(ref buffer); !buffer.IsEmpty; Copy(ref buffer))
            Flush();
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc cref="Write(ReadOnlySpan{byte})"/>
    public override void Flush() => HandOverAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult();

    public override Task FlushAsync(CancellationToken cancellationToken) => HandOverAsync(cancellationToken).AsTask();

    /// <summary>Hands what was written to the queue, as soon as there is room.</summary>
    /// <returns>False when <see cref="StopWaiting"/> has ended it.</returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> HandOverAsync(CancellationToken cancellationToken)
    {
        ThrowIfNotOpen();
        cancellationToken.ThrowIfCancellationRequested();
        _fragments.Cut();
        while (_fragments.TryPeek(out var fragment))
        {
            if (_output.TryAdd(fragment, always: false))
                _fragments.TryTake(out _);
            else if (!await WaitAsync(StreamedMessage.MaxFragments, cancellationToken).ConfigureAwait(false))
                return false;
        }

        return true;
    }

    public void StopWaiting() => _output.StopWaiting();

    public override Task CompleteAsync(CancellationToken cancellationToken = default)
    {
        Complete();
        return WhenSentAsync(cancellationToken);
    }

    /// <summary>Hands over the rest, whether there is room or not: it is here already.</summary>
    public void Complete()
    {
        if (_isComplete)
            return;

        ThrowIfNotOpen();
        _fragments.End();
        _isComplete = true;
        while (_fragments.TryTake(out var fragment))
        {
            if (!_output.TryAdd(fragment, always: true))
                throw Over();
        }
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (!disposing || Interlocked.Exchange(ref _isDisposed, true))
            return;

        if (!_isComplete && !_output.TryTakeBack() && !_output.IsOver)
            _owner.Abandoned();
        _fragments.Release();
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask WriteRestAsync(ReadOnlyMemory<byte> rest, CancellationToken cancellationToken)
    {
        while (!rest.IsEmpty)
        {
            try
            {
                await HandOverAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                // The caller cannot know how much of its bytes was taken.
                _hasFailed = true;
                throw;
            }

            var source = rest.Span;
            Copy(ref source);
            rest = rest[^source.Length..];
        }
    }

    private void Copy(ref ReadOnlySpan<byte> source)
    {
        ThrowIfNotOpen();
        _fragments.Copy(ref source);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> WaitAsync(int below, CancellationToken cancellationToken)
    {
        bool released;
        var waiting = _output.WaitAsync(below);
        using (cancellationToken.UnsafeRegister(static message => ((OutgoingMessage)message!).StopWaiting(), this))
            released = await waiting.ConfigureAwait(false);
        if (!released)
            cancellationToken.ThrowIfCancellationRequested();
        return _output.IsOver ? throw Over() : released;
    }

    private async Task WhenSentAsync(CancellationToken cancellationToken)
    {
        while (!await WaitAsync(below: 1, cancellationToken).ConfigureAwait(false))
        {
            // A flush that was cancelled is none that waits for the end.
        }
    }

    private void ThrowIfNotOpen()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, typeof(MessageStream));
        if (_isComplete)
            throw new InvalidOperationException("The message is complete: nothing can be written to it any more. Open another one.");
        if (_hasFailed || _fragments.IsBroken)
        {
            throw new InvalidOperationException("A write to this message has failed, and nobody knows how much of it was taken. " +
                "The message can only be disposed, which ends the connection if a part of it was sent.");
        }

        if (_output.IsOver)
            throw Over();
    }

    private ConnectionEndedException Over() =>
        new($"Connection {_owner.Id} ended before the message was sent whole. Its completion says why.");
}
