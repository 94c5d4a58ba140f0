using System.Globalization;
using System.Text;
using WsPumps.Testing;

namespace WsPumps.Redis.Tests;

/// <summary>A client without a connection, for messages <c>server:number</c>: how many came of each server, and whether in order and once.</summary>
internal sealed class NumberedClient() : DelegatingClient(new RecordingClient { KeepsMessages = false })
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (int Count, int Last)> _servers = [];
    private readonly List<string> _disorder = [];

    /// <summary>How many bytes the largest message had.</summary>
    public int Largest { get; private set; }

    /// <summary>What came twice, or after a later one.</summary>
    public IReadOnlyList<string> Disorder
    {
        get
        {
            lock (_lock)
                return [.. _disorder];
        }
    }

    public (int Count, int Last) Of(string server)
    {
        lock (_lock)
            return _servers.GetValueOrDefault(server);
    }

    public override WriteResult Write(PreparedMessage message)
    {
        var text = message.Length > 100 ? "" : Encoding.UTF8.GetString(message.Payload.Span);
        lock (_lock)
        {
            Largest = Math.Max(Largest, message.Length);
            if (text.Split(':') is [var server, var digits] && int.TryParse(digits, CultureInfo.InvariantCulture, out var number))
                Note(server, number);
        }

        return base.Write(message);
    }

    public override ValueTask<WriteResult> WriteAsync(PreparedMessage message, CancellationToken cancellationToken = default) => new(Write(message));

    private void Note(string server, int number)
    {
        var (count, last) = _servers.GetValueOrDefault(server);
        if (number <= last)
            _disorder.Add($"{server}:{number} after {last}");
        _servers[server] = (count + 1, Math.Max(last, number));
    }
}
