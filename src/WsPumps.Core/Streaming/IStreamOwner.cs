namespace WsPumps.Streaming;

/// <summary>Whose message it is: told what its stream cannot decide alone.</summary>
internal interface IStreamOwner
{
    string Id { get; }

    /// <summary>A part of a message was sent, and the rest of it will never come.</summary>
    void Abandoned();
}
