using System.Security.Claims;
using Microsoft.Extensions.Logging;

namespace WsPumps;

/// <summary>What a <see cref="Manager"/> is created with. Everything is optional.</summary>
public sealed class ManagerSettings
{
    /// <summary>How clients are asked to leave. Copied: later changes have no effect.</summary>
    /// <value>Default (null): the defaults of <see cref="DrainOptions"/>.</value>
    public DrainOptions? Drain { get; init; }

    /// <summary>The clock of the drain and of waits for delivery.</summary>
    /// <value>Default (null): the clock of the system.</value>
    public TimeProvider? TimeProvider { get; init; }

    /// <summary>Logs the progress of a drain, and what the application's own code throws: a client, a subscriber, a predicate.</summary>
    /// <value>Default (null): nothing is logged.</value>
    public ILogger? Logger { get; init; }

    /// <summary>
    /// Returns the id under which the connections of a user are found. Called once, when a client that has a <see cref="IClient.User"/> is
    /// registered. Null or empty means no user.
    /// </summary>
    /// <value>Default (null): the claim <see cref="ClaimTypes.NameIdentifier"/>, or, without that claim, the name of the identity.</value>
    public Func<ClaimsPrincipal, string?>? UserId { get; init; }

    /// <summary>Measures each broadcast.</summary>
    /// <value>Default: null, nothing is measured.</value>
    public PumpsMetrics? Metrics { get; init; }
}
