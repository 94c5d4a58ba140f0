using static Microsoft.Playwright.Assertions;

namespace WsPumps.Samples.Tests;

public sealed class FilesPageTests(Chromium chromium) : ChromiumTests(chromium)
{
    [ChromiumFact]
    public async Task Page_FileSentAndFetched_IsTheSame()
    {
        var folder = Directory.CreateTempSubdirectory("wspumps-files-").FullName;
        try
        {
            await using var files = await SampleProcess.StartAsync("Files", arguments: ["--Folder", folder]);
            var page = await Browser.OpenAsync(files.Address);
            await Expect(page.Locator("#state")).ToHaveTextAsync("Connected");
            var content = new byte[3_000_000];
            Random.Shared.NextBytes(content);

            await page.Locator("#file").SetInputFilesAsync(new Microsoft.Playwright.FilePayload { Name = "picture.raw", MimeType = "application/octet-stream", Buffer = content }).InTime();
            await Expect(page.Locator("#state")).ToHaveTextAsync("picture.raw is stored, 3000000 bytes");
            (await File.ReadAllBytesAsync(Path.Combine(folder, "picture.raw"))).Should().Equal(content);

            var download = await page.RunAndWaitForDownloadAsync(() => page.Locator("#files button").ClickAsync()).InTime();
            await Expect(page.Locator("#state")).ToHaveTextAsync("picture.raw has come, 3000000 bytes");
            (await File.ReadAllBytesAsync(await download.PathAsync().InTime())).Should().Equal(content);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [ChromiumTheory]
    [InlineData("ملف التجربة الطويل جدا.txt")]
    [InlineData("<b>invoice\u202Efdp.exe", "<b>invoice[U+202E]fdp.exe")]
    [InlineData("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.txt")]
    public async Task Page_NamesOfAllKindsOnAPhone_StandForThemselvesAndFit(string name, string? shown = null)
    {
        const int Width = 390;
        var folder = Directory.CreateTempSubdirectory("wspumps-files-").FullName;
        try
        {
            await using var files = await SampleProcess.StartAsync("Files", arguments: ["--Folder", folder]);
            var page = await Browser.OpenAsync(files.Address, new() { ViewportSize = new() { Width = Width, Height = 760 } });
            await Expect(page.Locator("#state")).ToHaveTextAsync("Connected");
            await Expect(page.Locator("#none")).ToBeVisibleAsync();

            await page.Locator("#file").SetInputFilesAsync(new Microsoft.Playwright.FilePayload { Name = name, MimeType = "text/plain", Buffer = "hello"u8.ToArray() }).InTime();

            await Expect(page.Locator("#state")).ToHaveTextAsync($"{shown ?? name} is stored, 5 bytes");
            await Expect(page.Locator("#files bdi")).ToHaveTextAsync([shown ?? name]);
            await Expect(page.Locator("#none")).ToBeHiddenAsync();
            (await page.EvaluateAsync<int>("document.documentElement.scrollWidth").InTime()).Should().Be(Width);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
