namespace WsPumps.Js.Tests;

/// <summary>A test that builds the script, and is reported as skipped where the packages for that are missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class CompilerFactAttribute : FactAttribute
{
    public CompilerFactAttribute() => Skip = Tools.NoCompiler;
}
