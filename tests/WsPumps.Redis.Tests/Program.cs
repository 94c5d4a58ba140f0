using WsPumps.Redis.Tests;

// Tests are run by the test runner; what is run by itself is a server that a test kills.
if (args is [NodeProcess.Command, var name, var address])
    await NodeProcess.RunAsync(name, address);
