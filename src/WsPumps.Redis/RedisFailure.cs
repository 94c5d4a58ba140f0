using StackExchange.Redis;

namespace WsPumps.Redis;

/// <summary>
/// Why Redis cannot be used, and at which address. The driver's texts are long, name no address, and advise settings of no use here.
/// </summary>
internal static class RedisFailure
{
    /// <returns>A few words without a full stop. Of the configuration they have the addresses alone, and no user or password.</returns>
    public static string TextOf(Exception failure, RedisBackplaneOptions options)
    {
        var addresses = AddressesOf(options);
        return failure switch
        {
            RedisConnectionException { InnerException: { } cause } lost =>
                $"no connection to {addresses} ({lost.FailureType}: {Words(cause)})",
            RedisConnectionException lost => $"no connection to {addresses} ({lost.FailureType})",
            TimeoutException => $"no answer from {addresses} in time",
            _ => $"{addresses}: {Words(failure)}",
        };
    }

    public static string TextOf(ConnectionFailedEventArgs lost) =>
        $"{EndPointCollection.ToString(lost.EndPoint)} ({lost.ConnectionType}): {lost.FailureType}";

    private static string AddressesOf(RedisBackplaneOptions options)
    {
        try
        {
            return string.Join(", ", EndPointsOf(options).Select(EndPointCollection.ToString));
        }
        catch (Exception)
        {
            // A multiplexer of the application's own may be anything, and what it throws here must not end the attempts.
            return "the multiplexer of the application";
        }
    }

    private static IEnumerable<System.Net.EndPoint> EndPointsOf(RedisBackplaneOptions options)
    {
        if (options.Multiplexer is { } redis)
            return redis.GetEndPoints(configuredOnly: true);

        var configuration = RedisBackplaneOptionsCheck.ConfigurationOf(options);
        configuration.SetDefaultPorts();
        return configuration.EndPoints;
    }

    private static string Words(Exception exception) => exception.Message.TrimEnd('.');
}
