using System.Net.WebSockets;

namespace WsPumps.Core.Tests.Wire;

/// <summary>What a WebSocket made of the bytes of its peer: the whole messages, what it answered, and how it ended.</summary>
internal sealed record Conversation(IReadOnlyList<string> Messages, IReadOnlyList<string> Answers, string End)
{
    public static async Task<Conversation> RunAsync(WebSocket socket, ScriptedStream stream, Random random)
    {
        var messages = new List<string>();
        var end = await ReceiveAllAsync(socket, messages, random);
        return new Conversation(messages, await AnswersAsync(stream), end);
    }

    private static async Task<string> ReceiveAllAsync(WebSocket socket, List<string> messages, Random random)
    {
        var message = new List<byte>();
        var buffer = new byte[8000];
        try
        {
            while (true)
            {
                var part = await socket.ReceiveAsync(buffer.AsMemory(0, random.Next(buffer.Length)), CancellationToken.None);
                if (part.MessageType is WebSocketMessageType.Close)
                    return $"close {(int?)socket.CloseStatus} {socket.CloseStatusDescription}";

                message.AddRange(buffer.AsSpan(0, part.Count));
                if (!part.EndOfMessage)
                    continue;
                messages.Add($"{part.MessageType} {Convert.ToHexString([.. message])}");
                message.Clear();
            }
        }
        catch (WebSocketException exception)
        {
            return exception.WebSocketErrorCode is WebSocketError.Success ? exception.Message : $"{exception.WebSocketErrorCode}";
        }
    }

    private static async Task<List<string>> AnswersAsync(ScriptedStream stream)
    {
        using var written = new MemoryStream(stream.Written);
        var frames = new FrameReader(written);
        var answers = new List<string>();
        while (await frames.ReadAsync() is { } frame)
            answers.Add(frame.Opcode is WireOpcode.Close ? $"Close {frame.CloseCode}" : $"{frame.Opcode} {Convert.ToHexString(frame.Payload)}");
        return answers;
    }
}
