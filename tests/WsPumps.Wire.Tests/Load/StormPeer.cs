using WsPumps.Wire.Tests.Clients;

namespace WsPumps.Wire.Tests.Load;

/// <summary>Sends pings and messages and checks each byte that comes back: the echo, the pongs, and what is broadcast meanwhile.</summary>
internal sealed class StormPeer(RawWebSocketClient peer, string broadcasters, int broadcastsEach, int own)
{
    public const char Sender = 'e';

    private readonly Dictionary<char, int> _received = [];
    private int _lastPong = -1;

    public async Task RunAsync()
    {
        var sending = SendAsync();
        while (!HasEverything)
            Check(await peer.NextFrameAsync() ?? throw new EndOfStreamException($"After {string.Join(", ", _received)} and pong {_lastPong}."));

        await sending;
        await peer.SendBytesAsync(ClientFrame.Close(1000));
        (await peer.NextFrameAsync())!.Opcode.Should().Be(WireOpcode.Close);
        (await peer.NextFrameAsync()).Should().BeNull();
    }

    private bool HasEverything =>
        _lastPong == own - 1 && ReceivedFrom(Sender) == own && broadcasters.All(sender => ReceivedFrom(sender) == broadcastsEach);

    private int ReceivedFrom(char sender) => _received.GetValueOrDefault(sender);

    private async Task SendAsync()
    {
        for (var i = 0; i < own; i++)
        {
            await peer.SendBytesAsync(ClientFrame.Ping(BitConverter.GetBytes(i)));
            await peer.SendBytesAsync(ClientFrame.Build(Traffic.OpcodeOf(i), Traffic.Payload(Sender, i)));
        }
    }

    private void Check(WireFrame frame)
    {
        if (frame.Opcode is WireOpcode.Pong)
        {
            var answered = BitConverter.ToInt32(frame.Payload);
            answered.Should().BeInRange(_lastPong + 1, own - 1);
            _lastPong = answered;
            return;
        }

        var sender = (char)frame.Payload[0];
        var number = ReceivedFrom(sender);
        if (frame.Opcode != Traffic.OpcodeOf(number) || !frame.Payload.AsSpan().SequenceEqual(Traffic.Payload(sender, number)))
            throw new WireViolationException($"This is not message {number} of '{sender}': {frame.Opcode}, {frame.Payload.Length} bytes.");
        _received[sender] = number + 1;
    }
}
