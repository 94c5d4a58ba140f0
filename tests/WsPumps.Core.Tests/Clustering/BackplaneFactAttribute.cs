namespace WsPumps.Tests.Clustering;

/// <summary>A test of an engine without a server of its own.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BackplaneFactAttribute : FactAttribute;
