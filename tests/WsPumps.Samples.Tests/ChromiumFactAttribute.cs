namespace WsPumps.Samples.Tests;

/// <summary>A test that needs a browser, and is reported as skipped where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ChromiumFactAttribute : FactAttribute
{
    public ChromiumFactAttribute()
    {
        if (Chromium.Path is null)
            Skip = "Needs Chromium: install the package 'chromium', or put chromium-headless-shell, chromium, chromium-browser or google-chrome on PATH.";
    }
}
