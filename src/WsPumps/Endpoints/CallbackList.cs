using System.Runtime.ExceptionServices;
using WsPumps.Hosting;

namespace WsPumps.Endpoints;

/// <summary>The callbacks of one kind, in the order in which they were added, until the endpoint is mapped.</summary>
internal sealed class CallbackList<T>(Mapping mapping)
{
    private readonly List<Func<T, ValueTask>> _callbacks = [];

    public void Add(Func<T, ValueTask> callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        mapping.ThrowIfEnded();
        _callbacks.Add(callback);
    }

    /// <summary>A list with one more, for one connection.</summary>
    public CallbackList<T> With(Func<T, ValueTask> callback)
    {
        var list = new CallbackList<T>(mapping);
        list._callbacks.AddRange(_callbacks);
        list._callbacks.Add(callback);
        return list;
    }

    /// <summary>One that calls all, up to the first that throws.</summary>
    /// <returns>Null for none.</returns>
    public Func<T, ValueTask>? InOrder() => _callbacks.Count switch
    {
        0 => null,
        1 => _callbacks[0],
        _ => InOrderAsync,
    };

    /// <summary>One that calls all, whatever they throw; the first exception is thrown in the end.</summary>
    /// <returns>Null for none.</returns>
    public Func<T, ValueTask>? Each() => _callbacks.Count > 1 ? EachAsync : InOrder();

    private async ValueTask InOrderAsync(T argument)
    {
        foreach (var callback in _callbacks)
            await callback(argument);
    }

    private async ValueTask EachAsync(T argument)
    {
        ExceptionDispatchInfo? first = null;
        foreach (var callback in _callbacks)
        {
            try
            {
                await callback(argument);
            }
            catch (Exception exception)
            {
                first ??= ExceptionDispatchInfo.Capture(exception);
            }
        }

        first?.Throw();
    }
}
