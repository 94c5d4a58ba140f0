using System.Net.WebSockets;
using System.Text.Json;
using WsPumps;

namespace Files;

/// <summary>One connection: says what there is, takes a file for a name that was said before, and sends one.</summary>
internal sealed class FileHandler(FileFolder folder) : WebSocketPumpsHandler, IMessageStreamHandler
{
    private string? _name;

    public override async ValueTask OnRegisterAsync(RegisterContext context) => await WriteListAsync(context.Client);

    public override async ValueTask OnMessageAsync(IClient client, Message message, CancellationToken cancellationToken)
    {
        switch (message.GetText().Split(' ', 2))
        {
            case ["put", var name] when folder.PathOf(name) is not null:
                _name = name;
                break;
            case ["get", var name] when folder.PathOf(name) is { } path && File.Exists(path):
                // The file is the next message. It is read as fast as the other side takes it.
                await client.WriteAsync(Json(new { file = name, length = new FileInfo(path).Length }), cancellationToken);
                await client.SendFileAsync(path, WebSocketMessageType.Binary, cancellationToken);
                break;
            default:
                await client.WriteAsync(Json(new { error = $"There is no '{message.GetText()}' here." }), cancellationToken);
                break;
        }
    }

    public async ValueTask HandleAsync(IClient client, IncomingMessage message, CancellationToken cancellationToken)
    {
        if (_name is not { } name)
        {
            // What is left of the message is skipped, or too much for that: then the connection is closed.
            await client.WriteAsync(Json(new { error = "Not stored: say 'put' and a name before a file, of at most 200 characters, without a slash, and without a dot in front." }), cancellationToken);
            return;
        }

        _name = null;
        var length = await folder.StoreAsync(name, message.Stream, cancellationToken);
        await client.WriteAsync(Json(new { stored = name, length }), cancellationToken);
        await WriteListAsync(client);
    }

    private async ValueTask WriteListAsync(IClient client) => await client.WriteAsync(Json(new { files = folder.Names }));

    private static string Json<T>(T value) => JsonSerializer.Serialize(value);
}
