using System.Diagnostics;
using System.Globalization;

namespace WsPumps.ClusterLoad;

/// <summary>A server in a process of its own.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly HttpClient _http;

    private ServerProcess(Process process, Uri address) => (_process, _http) = (process, new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromMinutes(2) });

    public Uri Address => _http.BaseAddress!;

    public static async Task<ServerProcess> StartAsync(string contender, string redis)
    {
        var process = Process.Start(new ProcessStartInfo("dotnet", [typeof(ServerProcess).Assembly.Location, contender, "--redis", redis])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        return new ServerProcess(process, new Uri((await process.StandardOutput.ReadLineAsync())!));
    }

    public Task PublishAsync(int count, int perSecond) => PostAsync($"/publish?count={count}&perSecond={perSecond}");

    public async Task PostAsync(string what) => (await _http.PostAsync(new Uri(what, UriKind.Relative), null)).EnsureSuccessStatusCode();

    public Task<string> GetAsync(string what) => _http.GetStringAsync(new Uri(what, UriKind.Relative));

    public async Task<double> CpuMillisecondsAsync() =>
        double.Parse(await _http.GetStringAsync(new Uri("/cpu", UriKind.Relative)), CultureInfo.InvariantCulture);

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _http.Dispose();
    }
}
