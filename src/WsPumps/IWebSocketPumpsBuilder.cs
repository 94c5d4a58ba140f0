using Microsoft.Extensions.DependencyInjection;

namespace WsPumps;

/// <summary>What <c>AddWebSocketPumps</c> returns, to add more to it. Other packages extend it.</summary>
public interface IWebSocketPumpsBuilder
{
    /// <summary>The services of the application.</summary>
    IServiceCollection Services { get; }
}
