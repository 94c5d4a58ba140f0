using Microsoft.Extensions.Options;

namespace WsPumps.Hosting;

/// <summary>Asks the options themselves, when the host starts.</summary>
internal sealed class OptionsValidator : IValidateOptions<WebSocketPumpsOptions>
{
    public ValidateOptionsResult Validate(string? name, WebSocketPumpsOptions options)
    {
        var failures = options.Validate().ToList();
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    public static void ThrowIfInvalid(ClientOptions options)
    {
        var failures = options.Validate().ToList();
        if (failures.Count > 0)
            throw new OptionsValidationException(options.GetType().Name, options.GetType(), failures);
    }
}
