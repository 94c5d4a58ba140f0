namespace WsPumps.Load.Client;

/// <summary>Told what a <see cref="FrameReader"/> finds.</summary>
internal interface IFrameReceiver
{
    void OnData(ReadOnlySpan<byte> payload, bool endsMessage);

    void OnControl(byte opcode, ReadOnlySpan<byte> payload);
}
