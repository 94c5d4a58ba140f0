namespace WsPumps.Load.Client;

/// <summary>Told what happens to connections. Everything runs on the thread of the <see cref="LoadLoop"/>.</summary>
internal interface ILoadObserver
{
    void OnOpened(LoadConnection connection)
    {
    }

    void OnMessage(LoadConnection connection, uint stamp)
    {
    }

    void OnClosed(LoadConnection connection)
    {
    }
}
