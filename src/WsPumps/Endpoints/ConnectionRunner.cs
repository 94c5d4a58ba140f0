namespace WsPumps.Endpoints;

/// <summary>
/// The life of one accepted connection, for any <see cref="IClient"/>: pumps and registration, in the one order that is
/// promised. Every step is bounded, whatever the client or a callback does.
/// </summary>
internal sealed class ConnectionRunner(ConnectedClient connected, ConnectionCalls calls, ConnectionPumps pumps,
    ConnectionRegistration registration, ConnectionCallbacks callbacks)
{
    public IClient Client => connected.Client;

    /// <summary>What ends a client that does not do so by itself when its authentication expires; null for none.</summary>
    public ForeignAuthentication? Authentication { get; init; }

    /// <summary>Fires when a peer that has no network between is to leave; see <see cref="InMemoryPeer"/>.</summary>
    public CancellationToken HurriedBy { get; init; }

    /// <summary>How the peer is asked to leave then.</summary>
    public required DrainOptions Drain { get; init; }

    /// <summary>Takes the session over from another server; null where it begins here.</summary>
    public Func<Task<bool>>? Arriving { get; init; }

    /// <param name="requestAborted">Fires when the connection underneath is gone.</param>
    /// <param name="registering">Ends the register callback.</param>
    public async Task RunAsync(CancellationToken requestAborted, CancellationToken registering)
    {
        await using var hurry = HurriedBy.UnsafeRegister(static runner => ((ConnectionRunner)runner!).Hurry(), this);
        var isHere = Arriving is null || await Arriving();
        pumps.StartWriting(requestAborted);
        var registered = isHere && await registration.RegisterAsync(registering);
        pumps.StartReading(registered ? callbacks.Handlers : [], requestAborted);
        // A connection that could not be registered has only to end.
        if (registered)
            await pumps.WhenOneEndedAsync();
        await pumps.EndAsync(registered ? () => Client.CloseAsync() : connected.CloseUnregisteredAsync);

        if (Authentication is not null)
            await Authentication.DisposeAsync();
        await (isHere ? registration.UnregisterAsync() : registration.ForgetAsync());
    }

    private void Hurry() => _ = InMemoryPeer.LeaveAsync(Client, Drain, calls);
}
