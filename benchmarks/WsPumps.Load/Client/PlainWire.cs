using System.Runtime.InteropServices;
using WsPumps.Load.Platform;

namespace WsPumps.Load.Client;

/// <summary>The socket as it is.</summary>
internal sealed class PlainWire(int descriptor) : Wire
{
    public override int Receive(Span<byte> buffer) =>
        ResultOf(Libc.Receive(descriptor, ref MemoryMarshal.GetReference(buffer), (nuint)buffer.Length, 0));

    public override int Send(ReadOnlySpan<byte> bytes) =>
        ResultOf(Libc.Send(descriptor, ref MemoryMarshal.GetReference(bytes), (nuint)bytes.Length, Libc.NoSignal));

    private static int ResultOf(nint length) =>
        length >= 0 ? (int)length : Marshal.GetLastPInvokeError() == Libc.TryAgain ? NotNow : Lost;
}
