using WsPumps.ClusterLoad;

// Without arguments: everything. With a contender's name: one server of it, started by the first.
if (args is [var contender, "--redis", var redis])
    await Server.RunAsync(contender, redis);
else
    await Comparison.RunAsync();
