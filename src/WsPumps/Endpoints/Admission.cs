using Microsoft.AspNetCore.Http;
using WsPumps.Hosting;

namespace WsPumps.Endpoints;

/// <summary>The places that one request has taken. Disposing gives them back, whatever became of it.</summary>
internal sealed class Admission(ApplicationUsers users, Cluster? cluster) : IDisposable
{
    private List<ConnectionLease>? _leases;

    /// <summary>Takes a place of each limit. Older connections are replaced only once all have one.</summary>
    /// <returns>The limit that has no place left; null when there is none.</returns>
    public ConnectionLimit? Enter(HttpContext http, IReadOnlyList<ConnectionLimit> limits)
    {
        var before = _leases?.Count ?? 0;
        var request = new PlaceRequest(http, users, cluster);
        foreach (var limit in limits)
        {
            if (!limit.TryEnter(request, out var lease))
                return limit;
            if (lease is not null)
                (_leases ??= []).Add(lease);
        }

        for (var i = before; i < _leases?.Count; i++)
            _leases[i].Commit();
        return null;
    }

    /// <inheritdoc cref="ConnectionLease.Occupy"/>
    public void Occupy(IReplaceable holder) => _leases?.ForEach(lease => lease.Occupy(holder));

    public void Dispose() => _leases?.ForEach(static lease => lease.Release());
}
