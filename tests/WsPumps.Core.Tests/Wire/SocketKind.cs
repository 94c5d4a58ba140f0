namespace WsPumps.Core.Tests.Wire;

/// <summary>Whose WebSocket a test of the contract runs against.</summary>
public enum SocketKind
{
    Runtime,
    Ours,
}
