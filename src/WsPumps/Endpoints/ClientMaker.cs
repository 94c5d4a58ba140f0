using System.Net.WebSockets;
using System.Security.Claims;
using Microsoft.Extensions.Logging;
using WsPumps.Hosting;
using WsPumps.Messages;

namespace WsPumps.Endpoints;

/// <summary>Makes the client of an accepted connection, by the user's factory where there is one, and the handler object.</summary>
internal sealed partial class ClientMaker(PumpsServer server, WebSocketPumpsEndpointBuilder endpoint, HandlerServices services)
{
    private readonly MessageStreamHandler? _streamHandler = endpoint.Messages.StreamHandler?.Invoke(services);

    private readonly Func<ClaimsPrincipal, string?> _userId = server.Users.IdOf;

    private const string SetUpFailed = "The server failed to set up the connection.";

    /// <returns>Null when the user's code failed to make the client or the handler object. The connection has ended then.</returns>
    public async Task<(ConnectedClient Client, WebSocketPumpsHandler? Handler)?> MakeAsync(ClientFactoryContext context)
    {
        try
        {
            var (client, handler) = endpoint.ClientFactory is null && endpoint.HandlerClass is null
                ? (context.CreateClient(), null) : await MakeByUserAsync(context);
            context.Made = client;
            return (new ConnectedClient(client, context.Created, context.Options, endpoint.Options.CallbackTimeout), handler);
        }
        catch (Exception exception)
        {
            Log.FactoryFailed(server.Logger, context.HttpContext.Request.Path, exception);
        }

        await (context.Created is { } left ? EndAsync(left, context.HttpContext.RequestAborted)
            : CloseAsync(context.WebSocket, context.Options.CloseTimeout));
        return null;
    }

    /// <summary>The default client, as <see cref="ClientFactoryContext.CreateClient"/> makes it.</summary>
    public Client Create(ClientFactoryContext context)
    {
        if (endpoint.PlatformKeepAlive)
        {
            throw new InvalidOperationException($"The endpoint has {nameof(WebSocketPumpsEndpointBuilder.PlatformKeepAlive)} set, for " +
                "clients that use the socket by themselves. " +
                $"{nameof(Client)} sends its own pings: leave it unset.");
        }

        var http = context.HttpContext;
        return new Client(context.WebSocket, new ClientSettings
        {
            Options = context.Options,
            Logger = server.Logger,
            TimeProvider = server.Time,
            Budget = endpoint.IsInternal ? null : server.Budget,
            Metrics = endpoint.IsInternal ? null : server.ClientMetrics,
            User = RequestUser.Of(http),
            UserId = _userId,
            Source = context.Source,
            AuthenticationExpiresAt = context.AuthenticationExpiresAt,
            Resume = context.Resume,
            Id = context.Moving?.ClientId,
            SubProtocol = context.Moving?.SubProtocol,
            ConnectedAt = context.Moving?.ConnectedAt,
            AdmitMessage = SharedRate.For(endpoint, http, server.Logger),
            OnMessageStream = _streamHandler is null ? null : StreamTo(_streamHandler, context),
            StreamedType = endpoint.Messages.StreamedType,
        });
    }

    /// <summary>
    /// The handler is promised the client that the factory made. Where it is the handler class of the endpoint, the object of the
    /// connection is meant.
    /// </summary>
    private MessageStreamHandler StreamTo(MessageStreamHandler handler, ClientFactoryContext context)
    {
        if (context.Handler is IMessageStreamHandler own && endpoint.Messages.StreamHandlerClass == own.GetType())
            handler = own.HandleAsync;
        return (created, message, cancellationToken) => handler(context.Made ?? created, message, cancellationToken);
    }

    private Task<(IClient Client, WebSocketPumpsHandler? Handler)> MakeByUserAsync(ClientFactoryContext context)
    {
        var path = context.HttpContext.Request.Path;
        return UserCall.RunAsync(
            async token =>
            {
                context.CancellationToken = token;
                var handler = context.Handler = endpoint.HandlerClass?.Invoke(context.HttpContext);
                var client = endpoint.ClientFactory is { } make ? await make(context) : context.CreateClient();
                return (Checked(client), handler);
            },
            endpoint.Options.CallbackTimeout,
            server.Time,
            exception => Log.FactoryFailed(server.Logger, path, exception),
            gone: context.HttpContext.RequestAborted);
    }

    /// <exception cref="InvalidOperationException">It is null, or cannot tell its end.</exception>
    private static IClient Checked(IClient? client)
    {
        if (client is null)
        {
            throw new InvalidOperationException("The factory returned null. It must return a client: context.CreateClient(), as it is or " +
                "wrapped, or one of its own.");
        }

        return client.Completion is not null ? client : throw new InvalidOperationException($"The factory returned a {client.GetType()} " +
            "whose Completion is null. It must be a task that completes when the connection has ended, such as that of a " +
            "TaskCompletionSource<DisconnectRecord>.");
    }

    /// <summary>
    /// A client that was made for a factory that then failed. Its pumps carry the close frame, and give back what it holds.
    /// </summary>
    private static async Task EndAsync(Client client, CancellationToken requestAborted)
    {
        var writing = client.WritePumpAsync(static _ => { }, TimeSpan.Zero, requestAborted);
        var closing = client.CloseAsync(WebSocketCloseStatus.InternalServerError, SetUpFailed, CloseMode.Now, CancellationToken.None);
        await Task.WhenAll(writing, closing, client.ReadPumpAsync(static _ => { }, [], requestAborted));
    }

    private async Task CloseAsync(WebSocket webSocket, TimeSpan limit)
    {
        try
        {
            await webSocket.CloseOutputAsync(WebSocketCloseStatus.InternalServerError, SetUpFailed, CancellationToken.None)
                .WaitAsync(limit, server.Time);
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or IOException or TimeoutException
            or InvalidOperationException)
        {
            Log.CloseFailed(server.Logger, exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(121, LogLevel.Error,
            "A connection to {Path} was accepted, but the factory or the handler class failed. It is closed with 1011.",
            EventName = "FactoryFailed")]
        public static partial void FactoryFailed(ILogger logger, string path, Exception exception);

        [LoggerMessage(122, LogLevel.Debug,
            "The close frame of a connection without a client could not be written.", EventName = "FactoryCloseFailed")]
        public static partial void CloseFailed(ILogger logger, Exception exception);
    }
}
