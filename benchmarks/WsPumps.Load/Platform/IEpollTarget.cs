namespace WsPumps.Load.Platform;

/// <summary>A socket that is watched by an <see cref="Epoll"/>.</summary>
internal interface IEpollTarget
{
    int Descriptor { get; }

    /// <summary>Called when there is something to read, or room to write where that is watched for. May be called for nothing.</summary>
    void OnReady();
}
