using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;

namespace WsPumps.Messages;

/// <summary>Handlers of a class of which there is an object for each message, in a scope of services of its own.</summary>
internal sealed class ScopedHandlers<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>(
    IServiceScopeFactory scopes)
    where THandler : class
{
    private readonly ObjectFactory<THandler>? _create = CanCreate ? ActivatorUtilities.CreateFactory<THandler>([]) : null;

    /// <summary>An interface, or an abstract class, can only come out of the services.</summary>
    private static bool CanCreate => typeof(THandler) is { IsAbstract: false, IsInterface: false };

    /// <param name="handle">What the object does with the message.</param>
    /// <param name="client">Who has sent it.</param>
    /// <param name="message">The message.</param>
    /// <param name="cancellationToken">Goes to the object.</param>
    public async ValueTask HandleAsync<TMessage>(Func<THandler, IClient, TMessage, CancellationToken, ValueTask> handle, IClient client,
        TMessage message, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        if (scope.ServiceProvider.GetService<THandler>() is { } registered)
        {
            await handle(registered, client, message, cancellationToken);
            return;
        }

        if (_create is null)
            throw new InvalidOperationException($"{typeof(THandler)} is abstract: register an implementation in the services.");

        var created = _create(scope.ServiceProvider, []);
        try
        {
            await handle(created, client, message, cancellationToken);
        }
        finally
        {
            if (created is IAsyncDisposable asyncDisposable)
                await asyncDisposable.DisposeAsync();
            else
                (created as IDisposable)?.Dispose();
        }
    }
}
