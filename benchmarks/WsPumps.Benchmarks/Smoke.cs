using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace WsPumps.Benchmarks;

/// <summary>Runs each benchmark once, in this process: says whether they still work, and nothing about speed.</summary>
internal static class Smoke
{
    public static int Run()
    {
        var artifacts = Directory.CreateTempSubdirectory();
        try
        {
            var config = ManualConfig.CreateEmpty()
                .AddJob(Job.Dry.WithToolchain(InProcessEmitToolchain.Instance))
                .AddColumnProvider(DefaultConfig.Instance.GetColumnProviders().ToArray())
                .AddLogger(ConsoleLogger.Default)
                .WithArtifactsPath(artifacts.FullName)
                .WithOptions(ConfigOptions.DisableOptimizationsValidator | ConfigOptions.DisableLogFile);
            var failed = BenchmarkRunner.Run(typeof(Smoke).Assembly, config)
                .Sum(summary => summary.ValidationErrors.Count(error => error.IsCritical) + summary.Reports.Count(report => !report.Success));
            Console.WriteLine(failed == 0 ? "All benchmarks ran." : $"{failed} benchmarks failed.");
            return failed == 0 ? 0 : 1;
        }
        finally
        {
            artifacts.Delete(recursive: true);
        }
    }
}
