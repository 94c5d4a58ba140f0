using System.Net.WebSockets;

namespace WsPumps;

/// <summary>Sends data that need not fit in memory as one message.</summary>
public static class ClientStreamExtensions
{
    /// <summary>Data is handed over once this much has been read: smaller fragments cost more than they gain.</summary>
    private const int MinFragment = 16 * 1024;

    /// <summary>Sends the rest of a stream, from its current position to its end, as one message.</summary>
    /// <param name="client">The client.</param>
    /// <param name="source">What is sent. It is not disposed.</param>
    /// <param name="type">Text or binary. Text must be UTF-8.</param>
    /// <param name="length">How many bytes that must be; null when it is not known.</param>
    /// <param name="cancellationToken">Ends the sending. If the message has begun, the connection ends with it.</param>
    /// <returns>Completes when all of it was handed to the transport.</returns>
    /// <remarks>
    /// If the sending ends early for any reason, including an exception of <paramref name="source"/>, the connection ends with
    /// <see cref="DisconnectReason.MessageAbandoned"/>, unless nothing was handed over yet.
    /// </remarks>
    /// <exception cref="ArgumentException">
    /// The stream cannot be read or has another length, which is found before anything is sent; or text is not UTF-8.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="length"/> is negative, or <paramref name="type"/> is neither text nor binary.
    /// </exception>
    /// <exception cref="InvalidOperationException">Another message is being streamed to the client.</exception>
    /// <exception cref="OperationCanceledException">The token fired first.</exception>
    /// <exception cref="InvalidDataException">The stream had more or less bytes than <paramref name="length"/>.</exception>
    /// <exception cref="IOException">The connection ended before all of it was sent.</exception>
    /// <exception cref="NotSupportedException">The client cannot stream, see <see cref="IClient.OpenMessageAsync"/>.</exception>
    public static async Task SendAsync(this IClient client, Stream source, WebSocketMessageType type, long? length = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(source);
        Check(source, length);
        var message = await client.OpenMessageAsync(type, cancellationToken).ConfigureAwait(false);
        await using (message.ConfigureAwait(false))
        {
            await CopyAsync(source, message, length, cancellationToken).ConfigureAwait(false);
            await message.CompleteAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Sends a file as one message.</summary>
    /// <param name="client">The client.</param>
    /// <param name="path">The path of the file.</param>
    /// <param name="type">Text or binary. Text must be UTF-8.</param>
    /// <param name="cancellationToken">Ends the sending. If the message has begun, the connection ends with it.</param>
    /// <inheritdoc cref="SendAsync" path="/returns|/remarks|/exception"/>
    /// <exception cref="FileNotFoundException">There is no such file. Nothing was sent.</exception>
    public static async Task SendFileAsync(this IClient client, string path, WebSocketMessageType type = WebSocketMessageType.Binary,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        // Whole buffers are read: one of the file's own would only be copied from.
        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0,
            FileOptions.Asynchronous | FileOptions.SequentialScan);
        await using (file.ConfigureAwait(false))
            await SendAsync(client, file, type, length: null, cancellationToken).ConfigureAwait(false);
    }

    private static void Check(Stream source, long? length)
    {
        if (!source.CanRead)
            throw new ArgumentException("The stream cannot be read.", nameof(source));
        if (length < 0)
            throw new ArgumentOutOfRangeException(nameof(length), length, "A length is not negative. Null means that nobody knows it.");
        if (length is { } announced && source.CanSeek && source.Length - source.Position is var left && left != announced)
        {
            throw new ArgumentException($"The stream has {left} bytes left, but {announced} were announced. Nothing was sent.",
                nameof(length));
        }
    }

    private static async Task CopyAsync(Stream source, MessageStream message, long? length, CancellationToken cancellationToken)
    {
        var (writer, total, waiting) = (message.Writer, 0L, 0);
        while (await source.ReadAsync(writer.GetMemory(), cancellationToken).ConfigureAwait(false) is var count and > 0)
        {
            total += count;
            if (total > length)
                throw new InvalidDataException($"The stream has more than the {length} bytes that were announced.");

            writer.Advance(count);
            waiting += count;
            if (waiting < MinFragment)
                continue;

            waiting = 0;
            await writer.FlushAsync(cancellationToken).ConfigureAwait(false);
        }

        if (total < length)
            throw new InvalidDataException($"The stream has ended after {total} bytes, but {length} were announced.");
    }
}
