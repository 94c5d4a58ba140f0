using System.Buffers.Binary;
using System.ComponentModel;
using System.Runtime.InteropServices;

namespace WsPumps.Load.Platform;

/// <summary>Waits for many sockets on one thread, level-triggered.</summary>
internal sealed class Epoll : IDisposable
{
    private const int MaxItems = 512;
    private const uint Readable = 0x001;
    private const uint Writable = 0x004;

    // struct epoll_event is packed on x86-64 alone.
    private static readonly int DataOffset = RuntimeInformation.ProcessArchitecture is Architecture.X64 ? 4 : 8;
    private static readonly int ItemSize = DataOffset + sizeof(ulong);

    private readonly int _epoll = Libc.EpollCreate(0);
    private readonly byte[] _items = new byte[MaxItems * ItemSize];
    private readonly List<IEpollTarget?> _targets = [];
    private readonly Stack<int> _free = [];

    /// <returns>The number that <see cref="WatchWriting"/> and <see cref="Remove"/> ask for.</returns>
    public int Add(IEpollTarget target)
    {
        if (!_free.TryPop(out var slot))
        {
            slot = _targets.Count;
            _targets.Add(null);
        }

        _targets[slot] = target;
        Control(Libc.EpollAdd, target.Descriptor, slot, Readable);
        return slot;
    }

    public void WatchWriting(int slot, bool watch) =>
        Control(Libc.EpollModify, _targets[slot]!.Descriptor, slot, watch ? Readable | Writable : Readable);

    public void Remove(int slot)
    {
        Control(Libc.EpollDelete, _targets[slot]!.Descriptor, slot, 0);
        _targets[slot] = null;
        _free.Push(slot);
    }

    /// <summary>Calls every target that is ready; waits for the first one when none is.</summary>
    public void Poll(int milliseconds) => Handle(Wait(milliseconds));

    /// <returns>How many targets are ready, for <see cref="Handle"/>.</returns>
    public int Wait(int milliseconds) => Libc.EpollWait(_epoll, ref _items[0], MaxItems, milliseconds);

    public void Handle(int count)
    {
        for (var i = 0; i < count; i++)
        {
            var slot = BinaryPrimitives.ReadInt32LittleEndian(_items.AsSpan((i * ItemSize) + DataOffset));
            // A target that was called before in this round may have removed this one.
            _targets[slot]?.OnReady();
        }
    }

    public void Dispose() => _ = Libc.Close(_epoll);

    private void Control(int operation, int descriptor, int slot, uint events)
    {
        Span<byte> item = stackalloc byte[ItemSize];
        BinaryPrimitives.WriteUInt32LittleEndian(item, events);
        BinaryPrimitives.WriteUInt64LittleEndian(item[DataOffset..], (ulong)slot);
        if (Libc.EpollControl(_epoll, operation, descriptor, ref item[0]) < 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError());
    }
}
