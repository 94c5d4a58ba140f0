using System.Globalization;
using WsPumps.ClusterLoad;

// Without arguments: the comparison. With a contender's name and an engine: one server of it, started by the others.
switch (args)
{
    case []:
        await Comparison.RunAsync(rounds: 3);
        break;
    case ["compare", var rounds]:
        await Comparison.RunAsync(Number(rounds));
        break;
    case ["capacity"]:
        await Capacity.RunAsync();
        break;
    case ["rate", var perSecond, var count, var rounds]:
        await Rate.RunAsync(Number(perSecond), Number(count), Number(rounds));
        break;
    case ["local"]:
        await InProcess.LocalRateAsync(rounds: 9);
        break;
    case ["join"]:
        await InProcess.HistoryJoinAsync();
        break;
    case ["memberships"]:
        await InProcess.MembershipsAsync();
        break;
    case [var contender, "--redis", var redis]:
        await Server.RunAsync(contender, redis);
        break;
    default:
        Console.Error.WriteLine("""
            no arguments                        WsPumps, a bridge written by hand, and SignalR in turn, three rounds
            compare ROUNDS                      the same with as many rounds
            capacity                            CPU of publisher, Redis and receiver for a message, by number of groups and servers
            rate PER_SECOND COUNT ROUNDS        both of two servers publish at a rate (0: as fast as goes)
            local                               writes to local clients with the engine and without it
            join                                joins with 100 messages of history, in memory and in Redis
            memberships                         100,000 memberships in 10,000 groups over three servers
            """);
        return 1;
}

return 0;

static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
