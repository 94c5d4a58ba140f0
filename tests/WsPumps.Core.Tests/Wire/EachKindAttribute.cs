using System.Reflection;
using Xunit.Sdk;

namespace WsPumps.Core.Tests.Wire;

/// <summary>Runs a test against each kind of WebSocket.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class EachKindAttribute : DataAttribute
{
    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => Enum.GetValues<SocketKind>().Select(kind => new object[] { kind });
}
