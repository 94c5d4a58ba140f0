namespace WsPumps.Reconnecting.Tests;

public sealed class OptionsTests
{
    public static TheoryData<string, Action<ReconnectingClientOptions>> WrongOptions => new()
    {
        { "FirstDelay is 00:00:00; it must be between 00:00:00.0010000 and 1.00:00:00.", options => options.FirstDelay = TimeSpan.Zero },
        { "MaxDelay is 2.00:00:00; it must be*", options => options.MaxDelay = TimeSpan.FromDays(2) },
        { "StableAfter is -00:00:01; it must be*", options => options.StableAfter = TimeSpan.FromSeconds(-1) },
        { "ConnectTimeout is 00:00:00; it must be*", options => options.ConnectTimeout = TimeSpan.Zero },
        { "TimeToLive is 00:00:00; it must be*", options => options.TimeToLive = TimeSpan.Zero },
        { "MaxReceivedMessages is 0; it must be between 1 and 1000000.", options => options.MaxReceivedMessages = 0 },
        { "MaxQueuedMessages is -1; it must be*", options => options.MaxQueuedMessages = -1 },
        { "MaxQueuedBytes is 0; it must be*", options => options.MaxQueuedBytes = 0 },
        { "FirstDelay (00:01:00) is more than MaxDelay (00:00:30), which it grows to.*", options => options.FirstDelay = TimeSpan.FromMinutes(1) },
        { "Connection is null.*", options => options.Connection = null! },
        { "*PongTimeout*", options => options.Connection.PongTimeout = TimeSpan.FromSeconds(-1) },
    };

    [Theory]
    [MemberData(nameof(WrongOptions))]
    public void Constructor_OptionOutOfRange_SaysWhichAndWhy(string message, Action<ReconnectingClientOptions> change)
    {
        var options = new ReconnectingClientOptions();
        change(options);

        FluentActions.Invoking(() => new ReconnectingClient(new Uri("ws://server.test"), options)).Should().Throw<ArgumentException>().WithMessage(message);
    }

    [Theory]
    [InlineData("/relative")]
    [InlineData("ftp://server.test")]
    public void Constructor_AddressThatIsNone_SaysWhatItMustBe(string address) =>
        FluentActions.Invoking(() => new ReconnectingClient(new Uri(address, UriKind.RelativeOrAbsolute)))
            .Should().Throw<ArgumentException>().WithMessage("The address is*; it must be absolute, with the scheme ws, wss, http or https.*");
}
