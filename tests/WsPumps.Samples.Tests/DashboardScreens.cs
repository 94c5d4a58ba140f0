using Microsoft.Playwright;

namespace WsPumps.Samples.Tests;

/// <summary>The screens on which each page of the dashboard is looked at, and what must be so on all of them.</summary>
internal static class DashboardScreens
{
    public static TheoryData<int, ColorScheme> All => new()
    {
        { 1280, ColorScheme.Light }, { 1280, ColorScheme.Dark }, { 390, ColorScheme.Light }, { 390, ColorScheme.Dark },
    };

    /// <summary>Names as other people choose them, and what is to be seen of them.</summary>
    public static readonly (string Name, string Seen)[] Names =
    [
        (new string('x', 300), "xxx"),
        ("سلمى بنت محمد", "سلمى بنت محمد"),
        ("👩‍👩‍👧 ❤️ ada", "👩‍👩‍👧 ❤️ ada"),
        ("<img src=x onerror=document.title='owned'>", "<img src=x onerror=document.title='owned'>"),
        ("admin\u202Etxt", "adminU+202Etxt"),
        ("\u2066a\u200Bb\u0007", "U+2066aU+200BbU+0007"),
    ];

    public static BrowserNewContextOptions Options(int width, ColorScheme scheme) =>
        new() { ViewportSize = new() { Width = width, Height = 800 }, ColorScheme = scheme };

    /// <summary>The page does not scroll sideways, each figure and button that is there can be seen whole, and no figure is missing.</summary>
    public static async Task ExpectToFitAsync(IPage page, int width)
    {
        (await page.EvaluateAsync<int>("document.documentElement.scrollWidth").InTime()).Should().Be(width);
        (await page.EvaluateAsync<string[]>(
            """
            [...document.querySelectorAll("button, td.number, dd, .badge, h2")].filter((node) => node.offsetParent).filter((node) => {
              const box = node.getBoundingClientRect();
              return box.left < 0 || box.right > innerWidth;
            }).map((node) => node.outerHTML)
            """).InTime()).Should().BeEmpty();
        (await page.Locator("main").InnerTextAsync().InTime()).Should().NotContain("NaN").And.NotContain("undefined");
    }
}
