using System.Runtime.InteropServices;

namespace WsPumps.Load.Platform;

/// <summary>
/// TLS of the load side: the runtime's SslStream would bring its buffers and tasks between a program that polls and the kernel.
/// </summary>
internal static partial class LibSsl
{
    public const int WantRead = 2;
    public const int WantWrite = 3;
    public const int Closed = 6;

    private const string Library = "libssl.so.3";
    private const int SetMode = 33;

    /// <summary>A write may be partial, and its rest come from elsewhere; what a connection does not need now it gives back.</summary>
    private const nint Modes = 0x1 | 0x2 | 0x10;

    private static readonly nint Context = CreateContext();

    public static nint CreateConnection(int descriptor, ReadOnlySpan<byte> protocols)
    {
        var connection = New(Context);
        _ = SetDescriptor(connection, descriptor);
        if (!protocols.IsEmpty)
            _ = SetProtocols(connection, in MemoryMarshal.GetReference(protocols), (uint)protocols.Length);
        SetConnectState(connection);
        return connection;
    }

    [LibraryImport(Library, EntryPoint = "SSL_read")]
    public static partial int Read(nint connection, ref byte buffer, int length);

    [LibraryImport(Library, EntryPoint = "SSL_write")]
    public static partial int Write(nint connection, ref byte buffer, int length);

    [LibraryImport(Library, EntryPoint = "SSL_get_error")]
    public static partial int GetError(nint connection, int result);

    [LibraryImport(Library, EntryPoint = "SSL_free")]
    public static partial void Free(nint connection);

    private static nint CreateContext()
    {
        var context = NewContext(ClientMethod());
        _ = ControlContext(context, SetMode, Modes, 0);
        return context;
    }

    [LibraryImport(Library, EntryPoint = "TLS_client_method")]
    private static partial nint ClientMethod();

    [LibraryImport(Library, EntryPoint = "SSL_CTX_new")]
    private static partial nint NewContext(nint method);

    [LibraryImport(Library, EntryPoint = "SSL_CTX_ctrl")]
    private static partial nint ControlContext(nint context, int command, nint value, nint pointer);

    [LibraryImport(Library, EntryPoint = "SSL_new")]
    private static partial nint New(nint context);

    [LibraryImport(Library, EntryPoint = "SSL_set_fd")]
    private static partial int SetDescriptor(nint connection, int descriptor);

    [LibraryImport(Library, EntryPoint = "SSL_set_alpn_protos")]
    private static partial int SetProtocols(nint connection, in byte protocols, uint length);

    [LibraryImport(Library, EntryPoint = "SSL_set_connect_state")]
    private static partial void SetConnectState(nint connection);
}
