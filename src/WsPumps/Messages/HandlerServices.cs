using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace WsPumps.Messages;

/// <summary>What the handlers of an endpoint are made with, once it is mapped.</summary>
/// <param name="Scopes">Makes a scope for each message.</param>
/// <param name="Logger">The logger.</param>
/// <param name="HasHandlerClass">Whether the object of the connection gets each message as well.</param>
internal sealed record HandlerServices(IServiceScopeFactory Scopes, ILogger Logger, bool HasHandlerClass);
