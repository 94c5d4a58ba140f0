using System.Net.WebSockets;
using WsPumps;

namespace Devices.Device;

/// <summary>
/// A device: measures, does what it is told, and comes back when its connection is lost. It runs the same pumps as the server, over a
/// <see cref="ClientWebSocket"/>: readings and answers are written from two places, and the pump keeps them apart.
/// </summary>
internal sealed class DeviceProgram(Uri server, string token)
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(30);

    private int _attempts;
    private double _value = 20;

    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await ConnectAsync(stop);
                // Random, up to a bound that doubles: the devices of a restarted server do not all return at once.
                var bound = TimeSpan.FromSeconds(Math.Min(LongestDelay.TotalSeconds, FirstDelay.TotalSeconds * Math.Pow(2, _attempts++)));
                await Task.Delay(bound * Random.Shared.NextDouble(), stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private async Task ConnectAsync(CancellationToken stop)
    {
        using var socket = new ClientWebSocket();
        foreach (var protocol in DeviceTokens.Offer(token))
            socket.Options.AddSubProtocol(protocol);
        socket.Options.KeepAliveInterval = TimeSpan.FromSeconds(25);
        socket.Options.KeepAliveTimeout = TimeSpan.FromSeconds(15);
        socket.Options.CollectHttpResponseDetails = true;
        try
        {
            await socket.ConnectAsync(server, stop);
        }
        catch (WebSocketException exception)
        {
            Console.WriteLine($"No connection ({(int)socket.HttpStatusCode}): {exception.Message}");
            return;
        }

        Console.WriteLine("Connected");
        _attempts = 0;
        var record = await RunAsync(new Client(socket), stop);
        Console.WriteLine($"Connection ended: {record.Reason} {record.PeerReason}");
    }

    private async Task<DisconnectRecord> RunAsync(Client client, CancellationToken stop)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var writing = client.WritePumpAsync(_ => { }, TimeSpan.Zero, CancellationToken.None);
        var reading = client.ReadPumpAsync(_ => { }, [HandleAsync], CancellationToken.None);
        var measuring = MeasureAsync(client, ended.Token);
        await using (stop.Register(() => client.CloseAsync(WebSocketCloseStatus.NormalClosure, "The device is switched off.")))
            await Task.WhenAll(writing, reading);

        await ended.CancelAsync();
        await measuring;
        return await client.Completion;
    }

    private async Task MeasureAsync(Client client, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        try
        {
            do
            {
                _value = Math.Round(_value + Random.Shared.NextDouble() - 0.5, 2);
                client.Write(DeviceMessage.Reading(_value).Encode());
            }
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The connection has ended.
        }
    }

    private async ValueTask HandleAsync(IClient client, Message message, CancellationToken cancellationToken)
    {
        if (!DeviceMessage.TryRead(message, out var read) || read is not { Kind: DeviceMessageKind.Command } command)
            return;

        var text = command.ReadText();
        Console.WriteLine($"Command {command.Number}: {text}");
        // Left unanswered, to see the server's patience end.
        if (text is "sleep")
            return;

        var (kind, answer) = text switch
        {
            "measure" => (DeviceMessageKind.Done, FormattableString.Invariant($"{_value}")),
            "reset" => (DeviceMessageKind.Done, FormattableString.Invariant($"was {_value}, is {_value = 20}")),
            _ => (DeviceMessageKind.Failed, $"What is '{text}'?"),
        };
        await client.WriteAsync(DeviceMessage.WithText(kind, command.Number, answer).Encode(), cancellationToken);
    }
}
