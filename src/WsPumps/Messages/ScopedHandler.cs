using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;

namespace WsPumps.Messages;

/// <summary>Calls a handler class that is made for each message, in a scope of services of its own.</summary>
internal sealed class ScopedHandler<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>(
    IServiceScopeFactory scopes)
    where THandler : class, IMessageHandler
{
    private readonly ObjectFactory<THandler>? _create = CanCreate ? ActivatorUtilities.CreateFactory<THandler>([]) : null;

    /// <summary>An interface, or an abstract class, can only come out of the services.</summary>
    private static bool CanCreate => typeof(THandler) is { IsAbstract: false, IsInterface: false };

    public async ValueTask HandleAsync(IClient client, Message message, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        if (scope.ServiceProvider.GetService<THandler>() is { } registered)
        {
            await registered.HandleAsync(client, message, cancellationToken);
            return;
        }

        if (_create is null)
            throw new InvalidOperationException($"{typeof(THandler)} is abstract: register an implementation in the services.");

        var created = _create(scope.ServiceProvider, []);
        try
        {
            await created.HandleAsync(client, message, cancellationToken);
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
