namespace WsPumps.Samples.Tests;

/// <summary>A test with data that needs a browser and Redis, skipped by name where one is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ClusterTheoryAttribute : TheoryAttribute
{
    public ClusterTheoryAttribute() => Skip = new ClusterFactAttribute().Skip;
}
