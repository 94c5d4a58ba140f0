using ClusterSample;

// Without arguments: Redis, three servers, and a balancer in front of them. The balancer starts this program again for each server.
if (args.Contains("--server"))
    ChatServer.Run(args);
else
    await Balancer.RunAsync(args);
