using Microsoft.AspNetCore.Connections;

namespace WsPumps.Tests;

/// <summary>Counts the server's connections where Kestrel itself starts and ends them.</summary>
internal sealed class OpenConnections
{
    private readonly Lock _lock = new();
    private TaskCompletionSource _none = Signalled();
    private int _count;

    /// <summary>Completes when the server has no connection left.</summary>
    public Task WhenNoneAsync()
    {
        lock (_lock)
            return _none.Task.InTime();
    }

    public ConnectionDelegate Count(ConnectionDelegate next) => async connection =>
    {
        Add();
        try
        {
            await next(connection);
        }
        finally
        {
            Remove();
        }
    };

    private void Add()
    {
        lock (_lock)
        {
            if (_count++ == 0)
                _none = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    private void Remove()
    {
        lock (_lock)
        {
            if (--_count == 0)
                _none.SetResult();
        }
    }

    private static TaskCompletionSource Signalled()
    {
        var signal = new TaskCompletionSource();
        signal.SetResult();
        return signal;
    }
}
