using System.Text.Json;

namespace WsPumps.Messages;

/// <summary>Reads a message as its type, and calls the handler with it.</summary>
/// <returns>Why it is not of the type; the handler is not called then. Null when it was.</returns>
internal delegate JsonException? JsonCall(IClient client, Message message, CancellationToken cancellationToken, out ValueTask handling);

/// <summary>One kind of JSON message, and what is done with it.</summary>
internal sealed record JsonKind(string Name, byte[] Utf8Name, JsonCall Call);
