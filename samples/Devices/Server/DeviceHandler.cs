using System.Net.WebSockets;
using System.Security.Claims;
using WsPumps;

namespace Devices.Server;

/// <summary>One connection of a device.</summary>
internal sealed class DeviceHandler(Broadcaster broadcaster, DeviceCommands commands, LatestReadings readings, Pages pages) : WebSocketPumpsHandler
{
    private const WebSocketCloseStatus Replaced = (WebSocketCloseStatus)4000;

    /// <remarks>A device that comes back may be faster than the news that its old connection is lost.</remarks>
    public override ValueTask OnRegisterAsync(RegisterContext context)
    {
        broadcaster.User(IdOf(context.Client)).Except(context.Client).Close(Replaced, "The device has connected again.", CloseMode.Now);
        return default;
    }

    public override async ValueTask OnMessageAsync(IClient client, Message message, CancellationToken cancellationToken)
    {
        if (!DeviceMessage.TryRead(message, out var read))
            await client.CloseAsync(WebSocketCloseStatus.InvalidPayloadData, "This is not a message of devices.v1.", CloseMode.Now, cancellationToken);
        else if (read is { Kind: DeviceMessageKind.Reading } reading)
            pages.Tell(readings.Add(IdOf(client), reading.ReadValue()));
        else if (read is { Kind: DeviceMessageKind.Done or DeviceMessageKind.Failed } answer)
            commands.Answer(client, answer);
    }

    public override ValueTask OnUnregisterAsync(UnregisterContext context)
    {
        commands.Lose(context.Client);
        if (readings.Find(IdOf(context.Client)) is { } device)
            pages.Tell(device);
        return default;
    }

    private static string IdOf(IClient client) => client.User!.FindFirstValue(ClaimTypes.NameIdentifier)!;
}
