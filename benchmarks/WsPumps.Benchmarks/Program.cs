using BenchmarkDotNet.Running;
using WsPumps.Benchmarks;

if (args is ["--smoke"])
    return Smoke.Run();

BenchmarkSwitcher.FromAssembly(typeof(Smoke).Assembly).Run(args);
return 0;
