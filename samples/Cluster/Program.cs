using ClusterSample;

// Without arguments: Redis, three servers, and a balancer in front of them. The balancer starts this program again for each server.
if (args.Any(argument => argument.StartsWith("--name=", StringComparison.Ordinal)))
    ChatServer.Run(args);
else
    await Balancer.RunAsync(args);
