using System.Net.WebSockets;
using WsPumps;

namespace Devices.Device;

/// <summary>A device: measures, does what it is told, and comes back when its connection is lost.</summary>
internal sealed class DeviceProgram : IAsyncDisposable
{
    /// <summary>Another connection with this device's token took its place: to take it back would go on for ever.</summary>
    private const WebSocketCloseStatus Replaced = (WebSocketCloseStatus)4000;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>A reading that could not be sent until the next one is there is of no use any more.</summary>
    private static readonly MessageOptions OfTheMoment = new() { TimeToLive = Interval };

    private readonly ReconnectingClient _client;
    private readonly Action<string> _say;
    private double _value = 20;

    /// <param name="server">Where the server listens.</param>
    /// <param name="token">Who it is.</param>
    /// <param name="say">Told what happens.</param>
    public DeviceProgram(Uri server, string token, Action<string> say)
    {
        _say = say;
        var options = new ReconnectingClientOptions
        {
            StopStatuses = { Replaced },
            Connected = _ =>
            {
                _say("Connected");
                return default;
            },
            Reconnecting = lost =>
            {
                _say(lost.Connection is { } ended
                    ? $"Connection ended: {ended.Reason} {ended.PeerReason}"
                    : $"No connection ({(int?)lost.HttpStatus}): {lost.Exception?.Message}");
                return default;
            },
            OnMessage = HandleAsync,
        };
        foreach (var protocol in DeviceTokens.Offer(token))
            options.SubProtocols.Add(protocol);
        _client = new ReconnectingClient(server, options);
    }

    public async Task RunAsync(CancellationToken stop)
    {
        _ = _client.StartAsync(CancellationToken.None);
        var measuring = MeasureAsync(stop);
        await using (stop.Register(() => _client.CloseAsync(reason: "The device is switched off.", cancellationToken: CancellationToken.None)))
            _say($"Connection ended: {(await _client.Completion).Reason}");
        await measuring;
    }

    public ValueTask DisposeAsync() => _client.DisposeAsync();

    private async Task MeasureAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Interval);
        do
        {
            _value = Math.Round(_value + Random.Shared.NextDouble() - 0.5, 2);
        }
        while (await _client.WriteAsync(DeviceMessage.Reading(_value).Encode().With(OfTheMoment), CancellationToken.None) is not SendResult.Closed
            && await NextAsync(timer, cancellationToken));
    }

    private static async Task<bool> NextAsync(PeriodicTimer timer, CancellationToken cancellationToken)
    {
        try
        {
            return await timer.WaitForNextTickAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The device is switched off.
            return false;
        }
    }

    private async ValueTask HandleAsync(Message message, CancellationToken cancellationToken)
    {
        if (!DeviceMessage.TryRead(message, out var read) || read is not { Kind: DeviceMessageKind.Command } command)
            return;

        var text = command.ReadText();
        _say($"Command {command.Number}: {text}");
        switch (text)
        {
            // Left unanswered, to see the server's patience end.
            case "sleep":
                return;
            // Gone before it could answer, and back.
            case "restart":
                _client.Reconnect();
                return;
        }

        var (kind, answer) = text switch
        {
            "measure" => (DeviceMessageKind.Done, FormattableString.Invariant($"{_value}")),
            "reset" => (DeviceMessageKind.Done, FormattableString.Invariant($"was {_value}, is {_value = 20}")),
            _ => (DeviceMessageKind.Failed, $"What is '{text}'?"),
        };
        await _client.WriteAsync(DeviceMessage.WithText(kind, command.Number, answer).Encode(), cancellationToken);
    }
}
