using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using WsPumps.Tests.Peers;

namespace WsPumps.Tests.Diagnostics;

/// <summary>Listeners are the process's: what other tests handle meanwhile is told apart by the id of the connection.</summary>
public sealed class TracingTests
{
    private const string RequestsName = "WsPumps.Tests.Requests";

    private static readonly ActivitySource Requests = new(RequestsName);

    [Fact]
    public async Task Message_SomebodyListens_ActivityOfItsOwnLinkedToTheRequest()
    {
        var (stopped, clients) = (new ConcurrentQueue<Activity>(), new ConcurrentQueue<IClient>());
        using var listener = Listen(stopped);
        Activity? request = null;
        ConcurrentQueue<Activity?> current = new();
        await using var host = await PumpsHost.StartAppAsync(app =>
        {
            app.Use(async (_, next) =>
            {
                using var activity = request = Requests.StartActivity("request", ActivityKind.Server);
                await next();
            });
            app.MapWebSocketPumps("/", endpoint =>
            {
                endpoint.Register(context =>
                {
                    clients.Enqueue(context.Client);
                    return default;
                });
                endpoint.OnMessage((_, _, _) =>
                {
                    current.Enqueue(Activity.Current);
                    return default;
                });
                endpoint.OnMessage(Echo.Handler);
            });
        });

        var peer = await host.ConnectKnownAsync();
        await peer.SendBinaryAsync(new byte[3]);
        await peer.ReceiveAsync();
        await peer.CloseAsync();
        await host.EndAsync();

        clients.TryDequeue(out var client).Should().BeTrue();
        var activities = stopped.Where(activity => Equals(activity.GetTagItem("wspumps.connection.id"), client!.Id)).ToList();
        activities.Should().HaveCount(2).And.OnlyContain(activity => activity.Source.Name == PumpsMetrics.MeterName && activity.OperationName == "wspumps.message");
        activities.Should().OnlyContain(activity => activity.ParentId == null && activity.TraceId != request!.TraceId);
        activities.Should().OnlyContain(activity => activity.Links.Single().Context == request!.Context);
        activities.Select(activity => (activity.GetTagItem("wspumps.message.type"), activity.GetTagItem("wspumps.message.size"))).Should().Equal(("text", 6), ("binary", 3));
        activities.Should().Equal(current!);
        activities.Should().OnlyContain(activity => activity.Status == ActivityStatusCode.Unset);
    }

    [Fact]
    public async Task Message_HandlerFails_ActivityHasTheError()
    {
        var stopped = new ConcurrentQueue<Activity>();
        using var listener = Listen(stopped);
        await using var host = await PumpsHost.StartAsync(endpoint => endpoint.OnMessage((_, _, _) => throw new InvalidOperationException("handler failed")));
        var (peer, client) = await host.ConnectPairAsync();

        await peer.SendTextAsync("fail");
        await peer.ReceiveEndAsync();
        await peer.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None).InTime();
        await host.EndAsync();

        var activity = stopped.Single(activity => Equals(activity.GetTagItem("wspumps.connection.id"), client.Id));
        activity.Status.Should().Be(ActivityStatusCode.Error);
        activity.GetTagItem("error.type").Should().Be("System.InvalidOperationException");
    }

    private static ActivityListener Listen(ConcurrentQueue<Activity> stopped)
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is PumpsMetrics.MeterName or RequestsName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = stopped.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }
}
