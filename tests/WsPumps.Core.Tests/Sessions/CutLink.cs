using System.Buffers;
using System.IO.Pipelines;

namespace WsPumps.Core.Tests.Sessions;

/// <summary>Two streams that carry bytes to each other, until as many have gone in one direction as were given: then both ends are cut.</summary>
internal sealed class CutLink
{
    private readonly Pipe _toClient = new(new PipeOptions(pauseWriterThreshold: 0, useSynchronizationContext: false));
    private readonly Pipe _toServer = new(new PipeOptions(pauseWriterThreshold: 0, useSynchronizationContext: false));

    /// <param name="toClient">How many bytes get to the client.</param>
    /// <param name="toServer">How many bytes get to the server.</param>
    public CutLink(int toClient, int toServer)
    {
        Server = new End(this, _toServer.Reader, _toClient.Writer, toClient);
        Client = new End(this, _toClient.Reader, _toServer.Writer, toServer);
    }

    public Stream Server { get; }

    public Stream Client { get; }

    public bool IsCut => ((End)Client).IsCut;

    /// <summary>What was sent before is still there to be read.</summary>
    public void Cut()
    {
        ((End)Server).IsCut = true;
        ((End)Client).IsCut = true;
        _toClient.Writer.CancelPendingFlush();
        _toClient.Reader.CancelPendingRead();
        _toServer.Reader.CancelPendingRead();
    }

    private sealed class End(CutLink link, PipeReader reader, PipeWriter writer, int left) : AsyncStream
    {
        private readonly Lock _lock = new();
        private int _left = left;

        public volatile bool IsCut;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            while (true)
            {
                // A cut that came with the latest bytes is not told once more.
                if (!reader.TryRead(out var result))
                    result = IsCut ? throw new IOException("cut") : await reader.ReadAsync(cancellationToken);
                var length = (int)Math.Min(result.Buffer.Length, buffer.Length);
                if (length > 0 || (buffer.IsEmpty && !result.Buffer.IsEmpty))
                {
                    var part = result.Buffer.Slice(0, length);
                    var at = 0;
                    foreach (var segment in part)
                    {
                        segment.CopyTo(buffer[at..]);
                        at += segment.Length;
                    }

                    reader.AdvanceTo(part.End);
                    return length;
                }

                reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            }
        }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            bool cut;
            lock (_lock)
            {
                if (IsCut)
                    throw new IOException("cut");

                var part = buffer[..Math.Min(_left, buffer.Length)];
                _left -= part.Length;
                writer.Write(part.Span);
                cut = _left == 0;
            }

            await writer.FlushAsync(CancellationToken.None);
            if (cut)
                link.Cut();
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                link.Cut();
            base.Dispose(disposing);
        }
    }
}
