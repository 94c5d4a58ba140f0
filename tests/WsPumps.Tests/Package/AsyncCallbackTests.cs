using System.Reflection;

namespace WsPumps.Tests.Package;

/// <summary>An async lambda that becomes an <see cref="Action"/> is async void: what it throws ends the process.</summary>
public sealed class AsyncCallbackTests
{
    /// <summary>What is configured is read at once: nobody has a reason to wait in it.</summary>
    private static readonly string[] Configuring = ["Options", "Builder", "Configuration"];

    /// <summary>Called when a connection is gone: nothing can wait for them any more.</summary>
    private static readonly string[] TearingDown = ["WritePumpAsync", "ReadPumpAsync", "set_Abort"];

    [Theory]
    [InlineData(typeof(IClient))]
    [InlineData(typeof(WebSocketPumpsEndpointBuilder))]
    [InlineData(typeof(RedisBackplaneOptions))]
    [InlineData(typeof(NatsBackplaneOptions))]
    public void Callbacks_OfThePublicApi_HaveAFormThatAwaits(Type oneOfIt)
    {
        var methods = oneOfIt.Assembly.GetExportedTypes()
            .Where(type => !type.IsSubclassOf(typeof(Delegate)))
            .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly))
            .Where(method => !method.IsSpecialName || method.Name.StartsWith("set_", StringComparison.Ordinal))
            .Where(method => !TearingDown.Contains(method.Name))
            .ToList();

        var traps = methods
            .SelectMany(method => method.GetParameters().Where(IsAction), (method, parameter) => (Method: method, Parameter: parameter))
            .Where(found => !methods.Any(other => Awaits(other, found.Method, found.Parameter)))
            .Select(found => $"{found.Method.DeclaringType!.Name}.{found.Method.Name}({TypeNames.Of(found.Parameter.ParameterType)})");

        traps.Should().BeEmpty("a callback that cannot be awaited invites async void");
    }

    private static bool IsAction(ParameterInfo parameter)
    {
        var type = parameter.ParameterType;
        return type.IsSubclassOf(typeof(Delegate)) && type.GetMethod("Invoke")!.ReturnType == typeof(void)
            && !type.GetMethod("Invoke")!.GetParameters().Any(argument => Configuring.Any(argument.ParameterType.Name.EndsWith));
    }

    /// <summary>The same method, whose delegate returns a task.</summary>
    private static bool Awaits(MethodInfo other, MethodInfo method, ParameterInfo parameter) => other.Name == method.Name
        && other.DeclaringType == method.DeclaringType
        && other.GetParameters().ElementAtOrDefault(parameter.Position)?.ParameterType is { } type && type.IsSubclassOf(typeof(Delegate))
        && type.GetMethod("Invoke")!.ReturnType is var result && (result == typeof(ValueTask) || result == typeof(Task));
}
