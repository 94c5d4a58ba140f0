using System.Diagnostics;
using WsPumps.Load.Client;

namespace WsPumps.Load.Running;

/// <summary>A server that has just been started, for one run of one scenario.</summary>
internal sealed class Stage(Contender contender, ServerProcess server, LoadMode mode, RunLengths lengths) : IDisposable
{
    private const int MaxOpening = 128;
    private const int PollMilliseconds = 10;

    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(30);

    public ServerProcess Server => server;

    public LoadMode Mode => mode;

    public RunLengths Lengths => lengths;

    public LoadLoop Loop { get; } = new(server.Port, contender.Protocol, mode);

    /// <summary>Connects clients and waits until they are connected.</summary>
    public LoadConnection[] Connect(string path, int count, int? receiveBuffer = null, bool? compresses = null)
    {
        var connections = new List<LoadConnection>(count);
        var opening = 0;
        var lastProgress = Stopwatch.GetTimestamp();
        while (connections.Count < count || opening > 0)
        {
            for (; opening < MaxOpening && connections.Count < count; opening++)
                connections.Add(Loop.Connect(path, receiveBuffer: receiveBuffer, compresses: compresses));

            Loop.Poll(PollMilliseconds);
            var still = connections.Count(connection => !connection.IsOpen);
            if (still < opening)
                lastProgress = Stopwatch.GetTimestamp();
            else if (Stopwatch.GetElapsedTime(lastProgress) > ConnectLimit)
                throw new LoadException($"{still} connections could not be opened.");
            opening = still;
        }

        return [.. connections];
    }

    public void Dispose() => Loop.Dispose();
}
