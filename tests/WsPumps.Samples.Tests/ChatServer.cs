namespace WsPumps.Samples.Tests;

/// <summary>One chat for all tests of a class; none where the tests are skipped, because there is no browser.</summary>
public sealed class ChatServer : IAsyncLifetime
{
    private SampleProcess? _process;

    internal SampleProcess Process => _process!;

    public async Task InitializeAsync() => _process = Chromium.Path is null ? null : await SampleProcess.StartAsync("Chat");

    public Task DisposeAsync() => _process?.DisposeAsync().AsTask() ?? Task.CompletedTask;
}
