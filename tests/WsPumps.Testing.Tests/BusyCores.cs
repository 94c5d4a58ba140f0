namespace WsPumps.Testing.Tests;

/// <summary>Keeps every core busy: what only holds on an idle machine shows.</summary>
internal sealed class BusyCores : IDisposable
{
    private volatile bool _isOver;

    public BusyCores()
    {
        for (var core = 0; core < Environment.ProcessorCount; core++)
            new Thread(Spin) { IsBackground = true }.Start();
    }

    public void Dispose() => _isOver = true;

    private void Spin()
    {
        while (!_isOver)
        {
        }
    }
}
