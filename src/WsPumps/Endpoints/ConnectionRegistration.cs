using System.Security.Claims;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using WsPumps.Diagnostics;
using WsPumps.Hosting;

namespace WsPumps.Endpoints;

/// <summary>
/// Lets one connection be known and forgotten: by the register callback, by the managers, and by the unregister callback, each once.
/// </summary>
internal sealed partial class ConnectionRegistration(
    ConnectedClient connected,
    HttpContext http,
    Manager registry,
    IManager manager,
    ConnectionCallbacks callbacks,
    PendingConnections pending,
    Func<ClaimsPrincipal, string?>? userId,
    ConnectionCalls calls,
    ILogger logger) : IPendingConnection
{
    /// <summary>Null where nobody is told: without a register callback.</summary>
    private volatile RegisterToken? _token;

    private IClient Client => connected.Client;

    /// <summary>Where the session was before; null where it begins here.</summary>
    public MovedSession? MovedFrom { get; set; }

    /// <summary>A session comes from another server: adds the client to the broadcaster's registry, and has it in these groups.</summary>
    /// <returns>Whether that succeeded.</returns>
    public async ValueTask<bool> JoinAsync(Broadcaster broadcaster, IReadOnlyCollection<string> groups) =>
        await CallAsync(registry.Register, connected.NeedsNoLimit(userId)) && await CallAsync(
            client =>
            {
                foreach (var group in broadcaster.GroupsOf(client).Except(groups))
                    broadcaster.Leave(client, group);
                foreach (var group in groups)
                    broadcaster.Join(client, group);
            },
            connected.NeedsNoLimit(userId));

    /// <summary>Calls the register callback, and adds the client to the managers.</summary>
    /// <returns>Whether both succeeded.</returns>
    public async Task<bool> RegisterAsync(CancellationToken requestAborted)
    {
        if (callbacks.Register is not null)
            _token = new RegisterToken(exception => calls.CallbackFailed("register", exception), calls.Time, requestAborted);
        pending.Add(this);
        try
        {
            return await RegisteredByUserAsync() && await AddToManagersAsync();
        }
        finally
        {
            pending.Remove(this);
        }
    }

    /// <summary>
    /// Lets the token of the register callback fire, takes the client out of the managers, and calls the unregister callback.
    /// </summary>
    public async Task UnregisterAsync()
    {
        if (_token is { } token)
            await calls.EndedWithinAsync(token.EndAsync(), connected.Options.CloseTimeout);
        await RemoveFromManagersAsync();
        if (callbacks.Unregister is { } unregister)
        {
            await calls.TryAsync("unregister", cancellationToken =>
                unregister(new UnregisterContext(Client, http, connected.Record, cancellationToken)), alsoLate: true);
        }
    }

    /// <summary>The session did not come: nobody but the broadcaster's registry was told of its client.</summary>
    public async Task ForgetAsync() => await CallAsync(registry.Unregister, connected.NeedsNoLimit(userId), alsoLate: true);

    /// <summary>
    /// A drain has begun while no manager knows the client: closes it, cancels the token of the register callback, and completes when
    /// the client is gone, or after the time of the drain. Never faults.
    /// </summary>
    public async Task LeaveAsync(DrainOptions drain)
    {
        var token = _token;
        token?.Leaves.TrySetResult();
        await calls.EndedWithinAsync(
            calls.StartOnPool(async () =>
            {
                // What is registered on the token is the user's and may throw or block; the client is asked first.
                var closing = Client.CloseAsync(drain.Status, drain.NextReason());
                await (token?.EndAsync() ?? Task.CompletedTask);
                await closing;
                await CountedWork.Await(calls.Time, Client.Completion);
            }),
            drain.Timeout ?? connected.CallbackTimeout);
    }

    private async ValueTask<bool> RegisteredByUserAsync()
    {
        if (_token is not { } token)
            return true;

        var registering = calls.TryAsync("register", _ => callbacks.Register!(new RegisterContext(Client, http, token.Token)
        {
            MovedFrom = MovedFrom,
        }));
        // In a drain there is no time for a callback that does not heed its token.
        if (await Task.WhenAny(registering, CountedWork.Until(calls.Time, token.Leaves.Task)) == registering
            || await calls.EndedWithinAsync(registering, connected.Options.CloseTimeout))
        {
            return await registering;
        }

        Log.RegisterCut(logger, Client.Id, connected.Options.CloseTimeout);
        return false;
    }

    /// <summary>The broadcaster's registry has every client, whatever other manager is told of it.</summary>
    private async ValueTask<bool> AddToManagersAsync() =>
        await CallAsync(registry.Register, connected.NeedsNoLimit(userId))
            && (manager == registry || await CallAsync(manager.Register, needsNoLimit: false));

    private async ValueTask RemoveFromManagersAsync()
    {
        if (manager != registry)
            await CallAsync(manager.Unregister, needsNoLimit: false, alsoLate: true);
        await CallAsync(registry.Unregister, connected.NeedsNoLimit(userId), alsoLate: true);
    }

    private ValueTask<bool> CallAsync(Action<IClient> call, bool needsNoLimit, bool alsoLate = false)
    {
        if (!needsNoLimit)
        {
            return new ValueTask<bool>(calls.TryAsync("manager", _ =>
            {
                call(Client);
                return default;
            }, alsoLate));
        }

        try
        {
            call(Client);
            return new ValueTask<bool>(true);
        }
        catch (Exception exception)
        {
            // Two clients with one id, for example.
            calls.CallbackFailed("manager", exception);
            return new ValueTask<bool>(false);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(103, LogLevel.Warning,
            "Connection {ConnectionId}: the server drains, and the register callback was still running {Limit} after its token was " +
            "cancelled. It is no longer waited for.", EventName = "RegisterCut")]
        public static partial void RegisterCut(ILogger logger, string connectionId, TimeSpan limit);
    }
}
