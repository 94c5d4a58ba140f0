using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace WsPumps.Messages;

/// <summary>What the handlers of an endpoint are made with, once it is mapped.</summary>
internal sealed record HandlerServices(IServiceScopeFactory Scopes, ILogger Logger);
