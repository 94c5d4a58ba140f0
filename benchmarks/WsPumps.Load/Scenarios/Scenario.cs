using WsPumps.Load.Running;

namespace WsPumps.Load.Scenarios;

/// <summary>One thing that every server is asked to do.</summary>
/// <param name="name">As given to <c>--scenarios</c>.</param>
/// <param name="about">What is done and what is counted.</param>
internal abstract class Scenario(string name, string about)
{
    public string Name => name;

    public string About => about;

    public virtual bool NeedsBroadcast => false;

    /// <summary>Whether servers have to accept permessage-deflate for it.</summary>
    public virtual bool NeedsCompression => false;

    /// <summary>Whether pings are a part of what it measures.</summary>
    public virtual bool CountsPings => false;

    /// <summary>How many connections it opens.</summary>
    public abstract int Connections { get; }

    public abstract Sample Run(Stage stage);
}
