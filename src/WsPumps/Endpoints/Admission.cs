using Microsoft.AspNetCore.Http;

namespace WsPumps.Endpoints;

/// <summary>The places that one request has taken. Disposing gives them back, whatever became of it.</summary>
internal sealed class Admission : IDisposable
{
    private List<ConnectionPlace>? _places;

    /// <returns>The limit that has no place left; null when there is none.</returns>
    public ConnectionLimit? Enter(HttpContext http, IEnumerable<ConnectionLimit> limits)
    {
        foreach (var limit in limits)
        {
            if (!limit.TryEnter(http, out var place))
                return limit;
            if (place is not null)
                (_places ??= []).Add(place);
        }

        return null;
    }

    /// <inheritdoc cref="ConnectionPlace.Occupy"/>
    public void Occupy(Action close) => _places?.ForEach(place => place.Occupy(close));

    public void Dispose() => _places?.ForEach(static place => place.Leave());
}
