namespace WsPumps.Testing.Tests;

public sealed class BackplaneContractTests
{
    private readonly TestBackplaneNetwork _network = new();
    private readonly List<TestBackplane> _engines = [];
    private bool _isStopped;

    public static TheoryData<string> Checks => [.. BackplaneContract.Checks, .. BackplaneContract.ServerChecks];

    /// <summary>An engine with a fault, and the check that finds it with a part of its text.</summary>
    public static TheoryData<string, string, string> Faults => new()
    {
        { nameof(BrokenBackplane.Loses), "Publish_Thousands_ArriveInOrder", "Another message came than the next" },
        { nameof(BrokenBackplane.IgnoresOff), "SetInterest_Off_NothingComesAnyMore", "it still comes" },
        { nameof(BrokenBackplane.IgnoresOn), "Publish_OwnChannel_ComesBack", "to come, and it has not" },
        { nameof(BrokenBackplane.TakesAll), "Start_ServerIsNotThere_CompletesAndSaysWhy", "TryPublish took a message" },
        { nameof(BrokenBackplane.DisposesOnce), "Dispose_Twice_IsHarmless", "Disposed twice" },
        { nameof(BrokenBackplane.EndsWithItsStart), "Publish_EngineWithInterest_ReceivesIt", "to come, and it has not" },
        { nameof(BrokenBackplane.NeverStarts), "Start_ServerIsThere_SaysConnected", "StartAsync has not completed" },
    };

    [Theory]
    [MemberData(nameof(Checks))]
    public Task Contract_OfTheBackplaneInMemory_IsKept(string check) => ContractOf(static engine => engine).VerifyAsync(check).InTime();

    [Fact]
    public Task VerifyAsync_All_PassesForOneThatKeepsIt() => ContractOf(static engine => engine).VerifyAsync().InTime();

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task VerifyAsync_EngineWithAFault_NamesTheCheckAndWhatIsWrong(string fault, string check, string text)
    {
        var contract = ContractOf(engine => new BrokenBackplane(engine, fault), TimeSpan.FromSeconds(1));

        var verify = () => contract.VerifyAsync(check).InTime();

        (await verify.Should().ThrowAsync<PumpsTestException>()).Which.Message.Should().StartWith($"{check}: ").And.Contain(text);
    }

    [Fact]
    public async Task VerifyAsync_AllOfAnEngineWithAFault_NamesEachThatFailed()
    {
        var contract = ContractOf(engine => new BrokenBackplane(engine, nameof(BrokenBackplane.DisposesOnce)));

        var verify = () => contract.VerifyAsync().InTime();

        (await verify.Should().ThrowAsync<PumpsTestException>()).Which.Message.Should().Contain("checks of the contract of a backplane failed")
            .And.Contain("Dispose_Twice_IsHarmless: Disposed twice");
    }

    [Fact]
    public async Task VerifyAsync_ServerCheckWithoutAServer_SaysWhatToSet()
    {
        var contract = new BackplaneContract(() => _network.Add(), () => _network.Add(connected: false));

        var verify = () => contract.VerifyAsync(BackplaneContract.ServerChecks[0]);

        (await verify.Should().ThrowAsync<InvalidOperationException>()).WithMessage("*set StopServer and StartServer*");
    }

    [Fact]
    public async Task VerifyAsync_NoSuchCheck_SaysWhereTheNamesAre()
    {
        var verify = () => ContractOf(static engine => engine).VerifyAsync("Publish");

        (await verify.Should().ThrowAsync<ArgumentException>()).WithMessage("There is no check 'Publish'.*");
    }

    private BackplaneContract ContractOf(Func<IBackplane, IBackplane> wrap, TimeSpan? limit = null) => new(
        () => wrap(Add(connected: !_isStopped)),
        () => wrap(_network.Add(connected: false)))
    {
        StopServer = () =>
        {
            _isStopped = true;
            _engines.ForEach(static engine => engine.Disconnect());
            return Task.CompletedTask;
        },
        StartServer = () =>
        {
            _isStopped = false;
            _engines.ForEach(static engine => engine.Connect());
            return Task.CompletedTask;
        },
        RealTimeLimit = limit ?? TimeSpan.FromSeconds(20),
    };

    private TestBackplane Add(bool connected)
    {
        var engine = _network.Add(connected);
        _engines.Add(engine);
        return engine;
    }
}
