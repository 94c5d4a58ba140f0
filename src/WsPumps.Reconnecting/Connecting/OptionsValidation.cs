namespace WsPumps.Connecting;

/// <summary>Checks ranges and relations.</summary>
internal static class OptionsValidation
{
    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan Most = TimeSpan.FromDays(1);

    public static void Check(Uri address, ReconnectingClientOptions options)
    {
        if (!address.IsAbsoluteUri || address.Scheme is not ("ws" or "wss" or "http" or "https"))
        {
            throw new ArgumentException($"The address is {address}; it must be absolute, with the scheme ws, wss, http or https.",
                nameof(address));
        }

        Check(nameof(options.FirstDelay), options.FirstDelay, Least);
        Check(nameof(options.MaxDelay), options.MaxDelay, Least);
        Check(nameof(options.StableAfter), options.StableAfter, TimeSpan.Zero);
        Check(nameof(options.ConnectTimeout), options.ConnectTimeout, Least);
        Check(nameof(options.TimeToLive), options.TimeToLive, Least);
        Check(nameof(options.MaxReceivedMessages), options.MaxReceivedMessages, 1_000_000);
        Check(nameof(options.MaxQueuedMessages), options.MaxQueuedMessages, 1_000_000);
        Check(nameof(options.MaxQueuedBytes), options.MaxQueuedBytes, 1L << 40);
        Check(nameof(options.MaxResendMessages), options.MaxResendMessages, 1_000_000);
        Check(nameof(options.MaxResendBytes), options.MaxResendBytes, 1L << 40);
        if (options.FirstDelay > options.MaxDelay)
        {
            throw Wrong($"{nameof(options.FirstDelay)} ({options.FirstDelay}) is more than {nameof(options.MaxDelay)} " +
                $"({options.MaxDelay}), which it grows to. Lower the first or raise the second.");
        }

        if (options.Connection is null)
            throw Wrong($"{nameof(options.Connection)} is null. Leave it as it is for the defaults.");

        // They are checked by what they are for.
        _ = new Client(new StreamWebSocket(Stream.Null), new ClientSettings { Options = options.Connection });
    }

    private static void Check(string name, TimeSpan value, TimeSpan least)
    {
        if (value < least || value > Most)
            throw Wrong($"{name} is {value}; it must be between {least} and {Most}.");
    }

    private static void Check(string name, long value, long most)
    {
        if (value < 1 || value > most)
            throw Wrong($"{name} is {value}; it must be between 1 and {most}.");
    }

    private static ArgumentException Wrong(string text) => new(text);
}
