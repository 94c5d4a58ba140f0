using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using WsPumps.Load.Protocols;
using WsPumps.Load.Servers;

namespace WsPumps.Load.Running;

/// <summary>A server that takes part in a comparison: one of ours, or any command.</summary>
internal sealed class Contender
{
    private readonly string? _command;

    public Contender(LoadServer server)
    {
        (Name, Broadcasts) = (server.Name, server.Broadcasts);
        IsPlain = server.IsPlain;
        Protocol = server.SpeaksSignalR ? new SignalRProtocol() : new PlainProtocol();
    }

    /// <param name="command">A shell command; <c>{port}</c> in it stands for the port to listen on.</param>
    public Contender(string command)
    {
        if (!command.Contains("{port}", StringComparison.Ordinal))
            throw new LoadException($"--peer \"{command}\": the command needs a {{port}}, where the port to listen on is put.");

        (_command, Broadcasts, IsPlain, Protocol) = (command, true, true, new PlainProtocol());
        Name = Path.GetFileName(command.Split(' ', 2)[0]);
    }

    public string Name { get; }

    public bool Broadcasts { get; }

    /// <summary>Whether it speaks HTTP/1.1 without TLS and without compression, and nothing else.</summary>
    public bool IsPlain { get; }

    public LoadProtocol Protocol { get; }

    public ServerProcess Start(LoadMode mode) => _command is null ? StartOurs(mode) : StartPeer(_command);

    private ServerProcess StartOurs(LoadMode mode)
    {
        // Started with 'dotnet WsPumps.Load.dll', the program is dotnet and this is its first argument.
        var program = Environment.ProcessPath!;
        string[] self = Path.GetFileNameWithoutExtension(program) is "dotnet" ? [Environment.GetCommandLineArgs()[0]] : [];
        var start = new ProcessStartInfo(program, [.. self, "serve", "--server", Name, ServeCommand.AttachedOption, .. mode.ServerArguments]);
        // The runtime compiles what is hot only when nothing new has been called for a time, on one core for a whole second, and
        // again for each tier. Without that wait it ends up with the same code, but within the warm-up.
        if (!mode.IsCold)
            start.Environment["DOTNET_TC_CallCountingDelayMs"] = "0";
        return ServerProcess.StartAttached(start);
    }

    private static ServerProcess StartPeer(string command)
    {
        var port = FreePort();
        // exec, so that what is measured is the server and not the shell.
        var line = "exec " + command.Replace("{port}", port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        return ServerProcess.StartPeer(new ProcessStartInfo("/bin/sh", ["-c", line]), port);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
