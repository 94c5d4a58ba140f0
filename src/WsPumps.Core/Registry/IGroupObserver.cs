namespace WsPumps.Registry;

/// <summary>Told when a group gets its first member and loses its last. Under a lock: returns at once, and calls nobody else.</summary>
internal interface IGroupObserver
{
    void Began(string name);

    void Ended(string name);
}
