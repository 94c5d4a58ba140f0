namespace WsPumps.Load.Protocols;

/// <summary>Told what a <see cref="MessageSplitter"/> finds.</summary>
internal interface IMessageReceiver
{
    /// <summary>The server has answered the protocol's hello.</summary>
    void OnHello();

    void OnMessage(uint stamp);
}
