using WsPumps.Load;
using WsPumps.Load.Running;
using WsPumps.Load.Scenarios;
using WsPumps.Load.Servers;

try
{
    if (!OperatingSystem.IsLinux())
        throw new LoadException("This program runs on Linux: it measures with epoll and pins processes to cores.");

    var arguments = new Arguments(args.Skip(1));
    switch (args.FirstOrDefault())
    {
        case "compare":
            new CompareCommand(arguments).Run();
            return 0;
        case "tables":
            new TablesCommand(arguments).Run();
            return 0;
        case "write-tail":
            WriteTailCommand.Run(arguments);
            return 0;
        case "streams":
            new StreamsCommand(arguments).Run();
            return 0;
        case "clients":
            ClientsCommand.Run(arguments);
            return 0;
        case "conflation":
            ConflationCommand.Run(arguments);
            return 0;
        case "dashboard":
            DashboardCommand.Run(arguments);
            return 0;
        case "serve":
            ServeCommand.Run(arguments);
            return 0;
        default:
            PrintHelp();
            return args.Length == 0 ? 0 : 1;
    }
}
catch (LoadException exception)
{
    Console.Error.WriteLine(exception.Message);
    return 1;
}

static void PrintHelp()
{
    Console.WriteLine("""
        compare [--quick | --smoke] [--scenarios a,b] [--servers a,b] [--runs N] [--connections N] [--settle S] [--cold]
                [--sleeping] [--tls] [--http2] [--compress] [--unpinned] [--peer "command with {port}"]... [--out folder]
            Starts each server, loads it, and prints what it needed; writes load.json and load.svg.
        tables [--core] [--runs N] [--other-runs N] [--peer "command with {port}"]... [--out folder]
            Measures what docs/performance.md shows. The first peer is the floor; without one it is the floor in C#.
        write-tail
            Measures how long a Write takes at worst.
        streams [--mib N] [--runs N] [--carrier socket|kestrel] [--direction sent|received] [--contender NAME] [--unpinned]
            Measures one large message in each direction, beside a bare loop and the runtime's WebSocket.
        clients [--runs N] [--seconds S]
            Measures the .NET client that reconnects, beside the runtime's, with and without resume.
        conflation [--fast S] [--slow S]
            Measures how old a conflated value is when a slow client reads it.
        dashboard [--connections N] [--seconds S] [--hold S]
            Measures what the dashboard costs, and stays for a look.
        serve [--server name | --transport direct|stream|websocket] [--port P] [--tls] [--http2] [--compress]
            Runs one server, with /echo and /broadcast, for other load tools.

        Servers:
        """);
    foreach (var server in LoadServer.All)
        Console.WriteLine($"    {server.Name,-22}{server.About}");
    Console.WriteLine("Scenarios:");
    foreach (var scenario in ScenarioList.Create(idleConnections: 10_000))
        Console.WriteLine($"    {scenario.Name,-22}{scenario.About}");
}
