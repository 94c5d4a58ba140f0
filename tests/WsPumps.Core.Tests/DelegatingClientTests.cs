using System.Reflection;

namespace WsPumps.Core.Tests;

public sealed class DelegatingClientTests
{
    public static TheoryData<string> Members => [.. typeof(IClient).GetMethods().Select(method => method.ToString()!)];

    [Theory]
    [MemberData(nameof(Members))]
    public void Member_OfIClient_IsVirtualAndForwarded(string signature)
    {
        var member = typeof(IClient).GetMethods().Single(method => method.ToString() == signature);
        var map = typeof(DelegatingClient).GetInterfaceMap(typeof(IClient));
        var target = map.TargetMethods[Array.IndexOf(map.InterfaceMethods, member)];
        target.DeclaringType.Should().Be<DelegatingClient>("a default of the interface would not reach the inner client");
        target.IsVirtual.Should().BeTrue();
        target.IsFinal.Should().BeFalse();

        var inner = DispatchProxy.Create<IClient, Recorder>();
        member.Invoke(new Wrapper(inner), [.. member.GetParameters().Select(ArgumentFor)]);

        ((Recorder)(object)inner).Called.Should().Equal(member);
    }

    [Fact]
    public async Task Pumps_HandlersAndUnregister_GetTheWrapper()
    {
        var inner = new CallingClient();
        var wrapper = new Wrapper(inner);
        var seen = new List<IClient>();

        await wrapper.WritePumpAsync(seen.Add, TimeSpan.Zero, default);
        await wrapper.ReadPumpAsync(
            seen.Add,
            [
                (client, _, _) =>
                {
                    seen.Add(client);
                    return default;
                },
            ],
            default);

        seen.Should().HaveCount(3).And.AllBeOfType<Wrapper>();
    }

    private static object? ArgumentFor(ParameterInfo parameter) => parameter.ParameterType switch
    {
        var type when type == typeof(Action<IClient>) => (Action<IClient>)(_ => { }),
        var type when type == typeof(IReadOnlyList<MessageHandler>) => Array.Empty<MessageHandler>(),
        { IsValueType: true } type => Activator.CreateInstance(type),
        _ => null,
    };

    private sealed class Wrapper(IClient inner) : DelegatingClient(inner);

    private sealed class CallingClient() : DelegatingClient(new RecordingClient())
    {
        public override Task WritePumpAsync(Action<IClient> unregister, TimeSpan pingInterval, CancellationToken cancellationToken)
        {
            unregister(this);
            return Task.CompletedTask;
        }

        public override async Task ReadPumpAsync(Action<IClient> unregister, IReadOnlyList<MessageHandler> handlers, CancellationToken cancellationToken)
        {
            foreach (var handler in handlers)
                await handler(this, Message.Text(default), cancellationToken);
            unregister(this);
        }
    }

    /// <summary>A client that only notes which of its members is called.</summary>
    public class Recorder : DispatchProxy
    {
        internal List<MethodInfo> Called { get; } = [];

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            Called.Add(targetMethod!);
            return targetMethod!.ReturnType is { IsValueType: true } type && type != typeof(void) ? Activator.CreateInstance(type) : null;
        }
    }
}
