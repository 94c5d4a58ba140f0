namespace Devices.Server;

internal enum CommandState
{
    Answered,
    NotConnected,
    TimedOut,

    /// <summary>The connection ended after the command had left. Nobody knows whether it was carried out.</summary>
    Lost,
}

internal sealed record CommandAnswer(CommandState State, bool Succeeded = false, string Text = "");
