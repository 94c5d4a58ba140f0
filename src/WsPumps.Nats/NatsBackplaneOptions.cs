using NATS.Client.Core;

namespace WsPumps;

/// <summary>How the servers reach NATS.</summary>
public sealed class NatsBackplaneOptions
{
    /// <summary>Where NATS is; more than one address, separated by commas, for a cluster.</summary>
    /// <value>Default: <c>nats://127.0.0.1:4222</c>.</value>
    public string Url { get; set; } = "nats://127.0.0.1:4222";

    /// <summary>Changes the settings of the connection: credentials, certificates, timeouts.</summary>
    /// <value>Default: null, as they are.</value>
    public Func<NatsOpts, NatsOpts>? Configure { get; set; }

    /// <summary>How often the connection is asked for a sign of life. It counts as lost when two of them go unanswered.</summary>
    /// <value>100 ms to 1 minute. Default: 2 seconds.</value>
    public TimeSpan ProbeInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>The longest wait before the second attempt to connect. It doubles with each attempt.</summary>
    /// <value>10 ms to 1 minute. Default: 200 ms.</value>
    public TimeSpan MinBackoff { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>The longest wait before an attempt to connect.</summary>
    /// <value>At least <see cref="MinBackoff"/>, at most 10 minutes. Default: 15 seconds.</value>
    public TimeSpan MaxBackoff { get; set; } = TimeSpan.FromSeconds(15);

    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    internal NatsBackplaneOptions Checked()
    {
        var minute = TimeSpan.FromMinutes(1);
        var failure = string.IsNullOrWhiteSpace(Url) ? $"{nameof(Url)} must name a server, such as nats://127.0.0.1:4222."
            : ProbeInterval < TimeSpan.FromMilliseconds(100) || ProbeInterval > minute
                ? $"{nameof(ProbeInterval)} must be from 100 ms to 1 minute, not {ProbeInterval}."
            : MinBackoff < TimeSpan.FromMilliseconds(10) || MinBackoff > minute
                ? $"{nameof(MinBackoff)} must be from 10 ms to 1 minute, not {MinBackoff}."
            : MaxBackoff < MinBackoff || MaxBackoff > TimeSpan.FromMinutes(10)
                ? $"{nameof(MaxBackoff)} must be from {nameof(MinBackoff)} ({MinBackoff}) to 10 minutes, not {MaxBackoff}."
            : null;
        return failure is null ? (NatsBackplaneOptions)MemberwiseClone() : throw new ArgumentException(failure);
    }
}
