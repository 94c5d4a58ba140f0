namespace WsPumps.Samples.Tests;

/// <summary>Tests with pages. Each leaves none open: a page that was left tries for ever to reach a server that is gone.</summary>
public abstract class ChromiumTests(Chromium chromium) : IClassFixture<Chromium>, IAsyncLifetime
{
    protected Chromium Browser { get; } = chromium;

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => Browser.CloseAllAsync();
}
