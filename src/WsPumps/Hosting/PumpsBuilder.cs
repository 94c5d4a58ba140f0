using Microsoft.Extensions.DependencyInjection;

namespace WsPumps.Hosting;

internal sealed record PumpsBuilder(IServiceCollection Services) : IWebSocketPumpsBuilder;
