namespace WsPumps.Tests.CustomTypes;

/// <summary>A manager that knows nobody; each of its methods can be made to throw.</summary>
internal sealed class FailingManager(string? failing) : IManager
{
    public IReadOnlyCollection<IClient> Clients => [];

    public void Register(IClient client) => FailIf(nameof(Register));

    public void Unregister(IClient client) => FailIf(nameof(Unregister));

    public Task RunAsync(CancellationToken cancellationToken)
    {
        FailIf(nameof(RunAsync));
        return Task.CompletedTask;
    }

    private void FailIf(string method)
    {
        if (method == failing)
            throw new InvalidOperationException($"{method} failed");
    }
}
