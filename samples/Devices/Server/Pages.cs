using WsPumps;

namespace Devices.Server;

/// <summary>The pages that look at the fleet: they are told what devices say, and their commands are passed on.</summary>
internal sealed class Pages(Broadcaster broadcaster, DeviceCommands commands)
{
    private const string Group = "pages";

    private long _lastNumber;

    public void Add(IClient page, IEnumerable<DeviceStatus> fleet)
    {
        foreach (var device in fleet)
            page.Write(StateOf(device));
        broadcaster.Join(page, Group);
    }

    /// <summary>A page that is slow gets the newest value of each device.</summary>
    public void Tell(DeviceStatus device) => broadcaster.Group(Group).Write(StateOf(device)
        .With(new MessageOptions { ConflationKey = device.Id, SlowClientPolicy = SlowClientPolicy.Conflate }));

    /// <summary>Returns at once: each answer is told when it comes, or when the patience with the device has ended.</summary>
    public void Send(PageCommand command, IEnumerable<DeviceStatus> fleet)
    {
        IEnumerable<string> targets = command.Device is { } one
            ? [one] : [.. fleet.Where(device => device.Connected).Select(device => device.Id)];
        foreach (var target in targets)
            _ = SendAsync(target, command.Command);
    }

    /// <summary>Ends with the patience of the commands. Never faults: without a token nothing cancels it.</summary>
    private async Task SendAsync(string device, string command)
    {
        var number = Interlocked.Increment(ref _lastNumber);
        Tell(new PageNews("command", device) { Number = number, Command = command, Outcome = "sent" });
        var answer = await commands.SendAsync(device, command, CancellationToken.None);
        Tell(new PageNews("command", device)
        {
            Number = number,
            Command = command,
            Text = answer.Text,
            Outcome = answer.State switch
            {
                CommandState.Answered => answer.Succeeded ? "done" : "failed",
                CommandState.TimedOut => "late",
                CommandState.Lost => "lost",
                _ => "gone",
            },
        });
    }

    private void Tell(PageNews news) => broadcaster.Group(Group).Write(PreparedMessage.Json(news, PageJson.Default.PageNews));

    private static PreparedMessage StateOf(DeviceStatus device) => PreparedMessage.Json(
        new PageNews("device", device.Id) { Value = device.Value, Connected = device.Connected }, PageJson.Default.PageNews);
}
