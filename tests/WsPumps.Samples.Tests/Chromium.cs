using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace WsPumps.Samples.Tests;

/// <summary>
/// The pages of a class of tests, in contexts of their own, in a browser that the next class gets. Its driver ends it when this process has ended.
/// </summary>
public sealed class Chromium : IAsyncLifetime
{
    private static readonly ConcurrentBag<IBrowser> Idle = [];

    private readonly List<IBrowserContext> _contexts = [];
    private IBrowser? _browser;

    /// <summary>The browser of this machine; null when there is none.</summary>
    public static string? Path { get; } = Find();

    /// <remarks>Also called when all tests are skipped because there is no browser.</remarks>
    public async Task InitializeAsync()
    {
        if (Path is not null && !Idle.TryTake(out _browser))
            _browser = await LaunchAsync();
    }

    public async Task DisposeAsync()
    {
        await CloseAllAsync();
        if (_browser is { IsConnected: true })
            Idle.Add(_browser);
    }

    /// <summary>A page as another visitor sees it.</summary>
    public async Task<IPage> OpenAsync(Uri address, BrowserNewContextOptions? options = null)
    {
        var context = await _browser!.NewContextAsync(options).InTime();
        _contexts.Add(context);
        context.SetDefaultTimeout((float)Limit.Time.TotalMilliseconds);
        var page = await context.NewPageAsync().InTime();
        await page.GotoAsync(address.AbsoluteUri).InTime();
        return page;
    }

    /// <summary>Closes the pages of the test that has ended.</summary>
    public async Task CloseAllAsync()
    {
        foreach (var context in _contexts)
            await context.CloseAsync().InTime();
        _contexts.Clear();
    }

    private static async Task<IBrowser> LaunchAsync()
    {
        // A page may wait for three servers that start, on the cores that the browser has too.
        Assertions.SetDefaultExpectTimeout((float)(2 * Limit.Time).TotalMilliseconds);
        var playwright = await Playwright.CreateAsync().InTime();
        return await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Path,
            Args =
            [
                "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync",
            ],
        }).InTime();
    }

    private static string? Find()
    {
        // The first one is the same without windows, and takes half as much of the processor.
        string[] names = ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"];
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(System.IO.Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return folders.SelectMany(folder => names.Select(name => System.IO.Path.Combine(folder, name))).FirstOrDefault(File.Exists);
    }
}
