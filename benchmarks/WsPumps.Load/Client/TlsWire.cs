using System.Runtime.InteropServices;
using WsPumps.Load.Platform;

namespace WsPumps.Load.Client;

/// <summary>TLS over the socket. The handshake is made along with the first bytes.</summary>
/// <param name="descriptor">The socket.</param>
/// <param name="protocols">Those that are offered, each with its length in front.</param>
internal sealed class TlsWire(int descriptor, ReadOnlySpan<byte> protocols) : Wire
{
    private readonly nint _connection = LibSsl.CreateConnection(descriptor, protocols);

    public override int Receive(Span<byte> buffer) =>
        ResultOf(LibSsl.Read(_connection, ref MemoryMarshal.GetReference(buffer), buffer.Length));

    public override int Send(ReadOnlySpan<byte> bytes) =>
        ResultOf(LibSsl.Write(_connection, ref MemoryMarshal.GetReference(bytes), bytes.Length));

    public override void Dispose()
    {
        LibSsl.Free(_connection);
        base.Dispose();
    }

    private int ResultOf(int length) => length > 0 ? length : LibSsl.GetError(_connection, length) switch
    {
        LibSsl.WantRead or LibSsl.WantWrite => NotNow,
        LibSsl.Closed => 0,
        _ => Lost,
    };
}
