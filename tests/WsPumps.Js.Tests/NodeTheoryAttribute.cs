namespace WsPumps.Js.Tests;

/// <summary>A test that needs Node.js, and is reported as skipped where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NodeTheoryAttribute : TheoryAttribute
{
    public NodeTheoryAttribute() => Skip = Tools.NoNode;
}
