using WsPumps.Diagnostics;

namespace WsPumps.Lifetime;

/// <summary>What a connection runs for: the client that the application holds.</summary>
internal interface IConnectionOwner : IEventSource
{
    /// <summary>The write pump has ended, and with it all writing.</summary>
    void WritingEnded(Action<IClient> unregister);

    /// <summary>The read pump has ended, and with it all handling.</summary>
    void ReadingEnded(Action<IClient> unregister);

    /// <summary>The connection was torn down, and a handler that blocks its thread keeps a pump: nobody has to wait for that.</summary>
    void GiveUp();
}
