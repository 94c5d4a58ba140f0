using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using WsPumps.Hosting;

namespace WsPumps.Endpoints;

/// <summary>Calls the setup callbacks of an endpoint with a request, and checks what they have made of its options.</summary>
internal sealed partial class SetupStep(PumpsServer server, WebSocketPumpsEndpointBuilder endpoint)
{
    private readonly Func<ConnectionSetup, ValueTask>? _setUp = endpoint.Setups.InOrder();

    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">An option is out of its range, or contradicts
    /// another.</exception>
    /// <exception cref="TimeoutException">The callbacks took too long.</exception>
    public async ValueTask<ConnectionSetup> RunAsync(HttpContext http, string? subProtocol)
    {
        if (_setUp is null)
            return new ConnectionSetup(http, endpoint.Options) { SubProtocol = subProtocol };

        var setup = new ConnectionSetup(http, endpoint.Options.Copy()) { SubProtocol = subProtocol };
        await UserCall.RunAsync(
            token =>
            {
                setup.CancellationToken = token;
                return _setUp(setup);
            },
            endpoint.Options.CallbackTimeout,
            server.Time,
            exception => Log.SetupFailedLate(server.Logger, exception),
            gone: http.RequestAborted);
        OptionsValidator.ThrowIfInvalid(setup.Options);
        return setup;
    }

    private static partial class Log
    {
        [LoggerMessage(113, LogLevel.Error,
            "A setup callback failed after its time was over and its request had been answered.", EventName = "SetupFailedLate")]
        public static partial void SetupFailedLate(ILogger logger, Exception exception);
    }
}
