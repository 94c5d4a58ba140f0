using System.Buffers.Binary;
using System.Text;

namespace WsPumps.Load.Client;

/// <summary>
/// The one stream of an HTTP/2 connection that carries a WebSocket (RFC 8441). Upwards it speaks as HTTP/1.1 does: it takes the request
/// for an upgrade, and gives the answer to one.
/// </summary>
internal sealed class Http2Wire(Wire below) : Wire
{
    private const byte Data = 0;
    private const byte Headers = 1;
    private const byte Reset = 3;
    private const byte Settings = 4;
    private const byte Ping = 6;
    private const byte GoAway = 7;
    private const byte WindowUpdate = 8;
    private const byte EndStream = 0x1;
    private const byte Acknowledged = 0x1;
    private const byte EndHeaders = 0x4;
    private const byte StatusOk = 0x88;
    private const int InitialWindow = 4;
    private const int SettingLength = 6;
    private const int PingLength = 8;
    private const int Stream = 1;
    private const int HeaderLength = 9;
    private const int MaxPayload = 16 * 1024;
    private const int MaxRead = 64 * 1024;
    private const int LargestWindow = int.MaxValue;
    private const int FirstWindow = 65_535;

    /// <summary>After so many bytes the server is given its window back.</summary>
    private const int WindowStep = 64 * 1024 * 1024;

    [ThreadStatic]
    private static byte[]? _input;

    private readonly byte[] _header = new byte[HeaderLength];
    private readonly byte[] _small = new byte[64];
    private byte[] _pending = [];
    private int _pendingLength;
    private int _headerLength;
    private int _left;
    private int _smallLength;
    private int _received;
    private bool _isRequested;
    private bool _hasEnded;

    /// <summary>How much the server takes: of the stream, of the connection.</summary>
    private long _streamWindow = FirstWindow;
    private long _connectionWindow = FirstWindow;

    public override bool HasPending => _pendingLength > 0;

    public override int Send(ReadOnlySpan<byte> bytes)
    {
        if (!_isRequested)
            return Request(bytes);

        var taken = 0;
        while (taken < bytes.Length && Math.Min(_streamWindow, _connectionWindow) is > 0 and var window)
        {
            var length = (int)Math.Min(Math.Min(bytes.Length - taken, MaxPayload), window);
            Append(Data, 0, Stream, bytes.Slice(taken, length));
            (_streamWindow, _connectionWindow, taken) = (_streamWindow - length, _connectionWindow - length, taken + length);
        }

        return !FlushPending() ? Lost : taken > 0 || bytes.IsEmpty ? taken : NotNow;
    }

    public override int Receive(Span<byte> buffer)
    {
        if (_hasEnded)
            return 0;

        var input = _input ??= new byte[MaxRead];
        var length = below.Receive(input.AsSpan(0, Math.Min(MaxRead, buffer.Length / 2)));
        if (length <= 0)
            return length;

        var given = 0;
        Read(input.AsSpan(0, length), buffer, ref given);
        return given > 0 ? given : _hasEnded ? 0 : NotNow;
    }

    public override void Dispose()
    {
        below.Dispose();
        base.Dispose();
    }

    private int Request(ReadOnlySpan<byte> request)
    {
        var path = Encoding.ASCII.GetString(request).Split(' ', 3)[1];
        _isRequested = true;
        Reserve("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8);
        // The largest window for each stream; the connection's own is raised apart.
        Append(Settings, 0, 0, [0, 4, 0x7F, 0xFF, 0xFF, 0xFF]);
        AppendWindowUpdate(0, LargestWindow - FirstWindow);
        var fields = new List<byte>();
        Add(fields, ":method", "CONNECT");
        Add(fields, ":protocol", "websocket");
        Add(fields, ":scheme", below is TlsWire ? "https" : "http");
        Add(fields, ":path", path);
        Add(fields, ":authority", "localhost");
        Add(fields, "sec-websocket-version", "13");
        Append(Headers, EndHeaders, Stream, [.. fields]);
        return FlushPending() ? request.Length : Lost;
    }

    /// <summary>A field as it is, neither indexed nor coded (RFC 7541, section 6.2.2).</summary>
    private static void Add(List<byte> fields, string name, string value) =>
        fields.AddRange([0, (byte)name.Length, .. Encoding.ASCII.GetBytes(name), (byte)value.Length, .. Encoding.ASCII.GetBytes(value)]);

    private void Read(ReadOnlySpan<byte> input, Span<byte> buffer, ref int given)
    {
        while (!input.IsEmpty)
        {
            if (_headerLength < HeaderLength)
            {
                var part = Math.Min(input.Length, HeaderLength - _headerLength);
                input[..part].CopyTo(_header.AsSpan(_headerLength));
                input = input[part..];
                _headerLength += part;
                if (_headerLength < HeaderLength)
                    return;

                (_left, _smallLength) = ((_header[0] << 16) | BinaryPrimitives.ReadUInt16BigEndian(_header.AsSpan(1)), 0);
            }

            var length = Math.Min(input.Length, _left);
            Take(input[..length], buffer, ref given);
            input = input[length..];
            _left -= length;
            if (_left > 0)
                return;

            EndFrame(buffer, ref given);
            _headerLength = 0;
        }
    }

    private void Take(ReadOnlySpan<byte> payload, Span<byte> buffer, ref int given)
    {
        if (_header[3] is Data)
        {
            payload.CopyTo(buffer[given..]);
            (given, _received) = (given + payload.Length, _received + payload.Length);
            return;
        }

        payload = payload[..Math.Min(payload.Length, _small.Length - _smallLength)];
        payload.CopyTo(_small.AsSpan(_smallLength));
        _smallLength += payload.Length;
    }

    private void EndFrame(Span<byte> buffer, ref int given)
    {
        var flags = _header[4];
        switch (_header[3])
        {
            case Headers when _small[0] is StatusOk:
                "HTTP/1.1 101 \r\n\r\n"u8.CopyTo(buffer[given..]);
                given += "HTTP/1.1 101 \r\n\r\n"u8.Length;
                break;
            case Headers:
                throw new LoadException("The server refused to carry a WebSocket over HTTP/2.");
            case Settings when (flags & Acknowledged) == 0:
                ReadSettings(_small.AsSpan(0, _smallLength));
                Append(Settings, Acknowledged, 0, []);
                break;
            case Ping when (flags & Acknowledged) == 0:
                Append(Ping, Acknowledged, 0, _small.AsSpan(0, PingLength));
                break;
            case WindowUpdate when BinaryPrimitives.ReadInt32BigEndian(_header.AsSpan(5)) == Stream:
                _streamWindow += BinaryPrimitives.ReadInt32BigEndian(_small);
                break;
            case WindowUpdate:
                _connectionWindow += BinaryPrimitives.ReadInt32BigEndian(_small);
                break;
            case Reset or GoAway:
                _hasEnded = true;
                break;
        }

        if (_header[3] is Data or Headers && (flags & EndStream) != 0)
            _hasEnded = true;
        if (_received > WindowStep)
        {
            AppendWindowUpdate(0, _received);
            AppendWindowUpdate(Stream, _received);
            _received = 0;
        }
    }

    private void ReadSettings(ReadOnlySpan<byte> settings)
    {
        for (; settings.Length >= SettingLength; settings = settings[SettingLength..])
        {
            if (BinaryPrimitives.ReadUInt16BigEndian(settings) is InitialWindow)
                _streamWindow += BinaryPrimitives.ReadInt32BigEndian(settings[2..]) - FirstWindow;
        }
    }

    private void AppendWindowUpdate(int stream, int bytes)
    {
        Span<byte> value = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(value, bytes);
        Append(WindowUpdate, 0, stream, value);
    }

    private void Append(byte type, byte flags, int stream, ReadOnlySpan<byte> payload)
    {
        Span<byte> header = stackalloc byte[HeaderLength];
        BinaryPrimitives.WriteUInt32BigEndian(header, ((uint)payload.Length << 8) | type);
        header[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(header[5..], stream);
        Reserve(header);
        Reserve(payload);
    }

    private void Reserve(ReadOnlySpan<byte> bytes)
    {
        if (_pendingLength + bytes.Length > _pending.Length)
            Array.Resize(ref _pending, Math.Max(_pendingLength + bytes.Length, _pending.Length * 2));
        bytes.CopyTo(_pending.AsSpan(_pendingLength));
        _pendingLength += bytes.Length;
    }

    private bool FlushPending()
    {
        while (_pendingLength > 0)
        {
            var sent = below.Send(_pending.AsSpan(0, _pendingLength));
            if (sent < 0)
                return sent == NotNow;

            _pendingLength -= sent;
            _pending.AsSpan(sent, _pendingLength).CopyTo(_pending);
        }

        return true;
    }
}
