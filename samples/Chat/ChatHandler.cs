using System.Text.Json;
using WsPumps;

namespace Chat;

/// <summary>One connection of a page. Its messages are handled one after the other, so that its fields need no lock.</summary>
internal sealed class ChatHandler(ChatRooms rooms) : WebSocketPumpsHandler
{
    private const string DefaultRoom = "Lobby";
    private const int MaxTextLength = 1000;
    private const int MaxKeyLength = 64;

    private Place? _me;

    public override ValueTask OnMessageAsync(IClient client, Message message, CancellationToken cancellationToken)
    {
        switch (Read(message))
        {
            case Join join:
                Join(client, join);
                break;
            case Say say:
                Say(client, say);
                break;
            default:
                Refuse(client, "The server does not understand this message.");
                break;
        }

        return default;
    }

    public override ValueTask OnUnregisterAsync(UnregisterContext context)
    {
        rooms.Leave(context.Client);
        return default;
    }

    private static FromPage? Read(Message message)
    {
        try
        {
            return JsonSerializer.Deserialize(message.Payload.Span, ChatJson.Default.FromPage);
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException)
        {
            return null;
        }
    }

    private void Join(IClient client, Join join)
    {
        if (_me is not null)
            Refuse(client, "You have joined already.");
        else if (PersonName.Clean(join.Name) is not { Length: > 0 } name)
            Refuse(client, "Please enter a name.");
        else if (join.Session is not { Length: > 0 and <= MaxKeyLength } || join.User is not (null or { Length: > 0 and <= MaxKeyLength }))
            Refuse(client, "The session is missing or too long.");
        else
            _me = rooms.Join(client, join, PersonName.Clean(join.Room) is { Length: > 0 } room ? room : DefaultRoom, name);
    }

    private void Say(IClient client, Say say)
    {
        var text = say.Text?.Trim() ?? "";
        if (say.Key is not { Length: > 0 and <= MaxKeyLength } key)
            Refuse(client, "The key of the message is missing or too long.");
        else if (_me is null)
            Refuse(client, "Please join first.", key);
        else if (text.Length is 0 or > MaxTextLength)
            Refuse(client, $"A message has 1 to {MaxTextLength} characters.", key);
        else
            rooms.Say(_me, text, key);
    }

    private static void Refuse(IClient client, string reason, string? key = null) => client.Write(new Refused(reason, key).Encode());
}
