namespace WsPumps.Testing.Contracts;

/// <summary>The server that the engines connect to.</summary>
internal sealed record ServerControl(Func<Task> StopAsync, Func<Task> StartAsync);
