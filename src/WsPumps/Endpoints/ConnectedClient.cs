using System.Net.WebSockets;
using System.Security.Claims;

namespace WsPumps.Endpoints;

/// <summary>The client of one connection, and what is known about where it came from.</summary>
/// <param name="Client">What the factory made.</param>
/// <param name="Created">The default client, where the factory had one made: the same, or the one inside.</param>
/// <param name="Options">The options of the connection.</param>
/// <param name="CallbackTimeout">How long a callback may take.</param>
internal sealed record ConnectedClient(IClient Client, Client? Created, ClientOptions Options, TimeSpan CallbackTimeout)
{
    /// <summary>Whether none of its members is the user's code.</summary>
    public bool IsPlain => ReferenceEquals(Client, Created);

    /// <summary>Whether closing it would do nothing more: its end has begun, and no session waits for another connection.</summary>
    public bool IsEnding => IsPlain && Created is { Session: null, IsEnding: true };

    /// <summary>How the connection has ended, as far as the client tells.</summary>
    public DisconnectRecord Record => Client.Completion is { IsCompletedSuccessfully: true, Result: var record }
        ? record : new DisconnectRecord { Reason = DisconnectReason.Unknown };

    public Task CloseUnregisteredAsync() =>
        Client.CloseAsync(WebSocketCloseStatus.InternalServerError, "The server failed to register the connection.");

    /// <summary>
    /// Whether to register it calls none of the user's code, which could take its time: neither the client nor what says who a user is.
    /// </summary>
    public bool NeedsNoLimit(Func<ClaimsPrincipal, string?>? userId) => IsPlain && (userId is null || Client.User is null);
}
