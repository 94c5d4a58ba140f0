using Microsoft.AspNetCore.Http;

namespace WsPumps.Endpoints;

/// <summary>
/// A peer in the memory of the same process, as under TestServer. With no network between, it answers a close at once or not at all, so
/// when the host stops, it does not wait for this one as for others: a test host with an open socket would take seconds to be disposed.
/// </summary>
internal static class InMemoryPeer
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(250);

    public static bool IsOf(HttpContext http) => http.Connection is { RemoteIpAddress: null, LocalIpAddress: null };

    /// <summary>On real time: the clock of a test may stand still.</summary>
    public static async Task LeaveAsync(IClient client, DrainOptions drain, ConnectionCalls calls)
    {
        _ = calls.StartOnPool(() => client.CloseAsync(drain.Status, drain.NextReason()));
        Task completion = client.Completion;
        await completion.WaitAsync(Patience, TimeProvider.System).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (completion.IsCompleted)
            return;

        await calls.StartOnPool(() =>
        {
            client.Abort();
            return Task.CompletedTask;
        });
    }
}
