using System.Net.WebSockets;
using System.Text;
using System.Text.RegularExpressions;

namespace WsPumps.Testing.Tests;

/// <summary>What happens over a link and what happens over a socket of Kestrel's is recorded in the same way.</summary>
public sealed partial class ScenarioTests
{
    private static readonly TimeSpan AtMost = TimeSpan.FromMinutes(10);

    private static readonly Dictionary<string, Func<ScenarioHost, TestPeer, Task>> Scenarios = new()
    {
        ["the peer closes"] = (_, peer) => peer.SendCloseAsync(1000, "done"),
        ["the peer closes with a code of its own"] = (_, peer) => peer.SendCloseAsync(4321, "over"),
        ["the peer closes without a code"] = (_, peer) => peer.SendCloseAsync(null),
        ["the peer sends FIN"] = (_, peer) =>
        {
            peer.Link.HalfClose();
            return Task.CompletedTask;
        },
        ["the peer resets"] = (_, peer) =>
        {
            peer.Link.Reset();
            return Task.CompletedTask;
        },
        ["the peer sends FIN inside a frame"] = async (_, peer) =>
        {
            await peer.SendRawAsync(new byte[] { 0x81, 0x85, 1, 2 });
            peer.Link.HalfClose();
        },
        ["a reserved opcode"] = (_, peer) => peer.SendFrameAsync(3, default),
        ["a frame without a mask"] = (_, peer) => peer.SendFrameAsync(1, "text"u8.ToArray(), masked: false),
        ["a reserved bit"] = (_, peer) => peer.SendFrameAsync(1, "text"u8.ToArray(), reservedBits: 2),
        ["text that is no UTF-8"] = (_, peer) => peer.SendFrameAsync(1, new byte[] { 0xFF, 0xFF }),
        ["a message that is too large"] = (_, peer) => peer.SendAsync(new byte[2000]),
        ["a handler that throws"] = (_, peer) => peer.SendAsync("throw"),
        ["a close of the server"] = (_, peer) => peer.Client.CloseAsync(WebSocketCloseStatus.PolicyViolation, "rules"),
        ["a close that the peer does not answer"] = (_, peer) =>
        {
            peer.AnswersCloses = false;
            return peer.Client.CloseAsync();
        },
        ["an abort"] = (_, peer) =>
        {
            peer.Client.Abort();
            return Task.CompletedTask;
        },
        ["a peer that answers no ping"] = (_, peer) =>
        {
            peer.AnswersPings = false;
            return Task.CompletedTask;
        },
        ["a peer that reads nothing"] = (_, peer) =>
        {
            peer.AnswersPings = false;
            peer.Link.StallReads();
            var message = PreparedMessage.Binary(new byte[16 * 1024]);
            for (var i = 0; i < 30; i++)
                peer.Client.Write(message);
            return Task.CompletedTask;
        },
        ["a peer that reads nothing and a full queue"] = async (host, peer) =>
        {
            peer.Link.StallReads();
            var message = PreparedMessage.Binary(new byte[16 * 1024]);
            for (var i = 0; i < 30; i++)
                peer.Client.Write(message);
            await FullAsync(host, peer.Client);
            while (peer.Client.Write(message) is WriteResult.Queued)
            {
            }
        },
        ["a drain"] = static (host, peer) =>
        {
            _ = host.Node.DrainAsync();
            return Task.CompletedTask;
        },
    };

    private static readonly string[] EndsByTheClock =
        ["a close that the peer does not answer", "a peer that answers no ping", "a peer that reads nothing", "a peer that reads nothing and a full queue"];

    public static TheoryData<string> Names => [.. Scenarios.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Record_OverALinkAndOverASocket_IsTheSame(string scenario)
    {
        var overLink = await RunAsync(scenario, overSocket: false);
        var overSocket = await RunAsync(scenario, overSocket: true);

        overLink.Should().Be(overSocket);
        overLink.Should().NotContain("Unknown");
    }

    /// <summary>The network takes no more. Over a link that is so when all rests; over a socket, when nothing has moved for a while.</summary>
    private static async Task FullAsync(ScenarioHost host, IClient client)
    {
        await host.Time.SettleAsync().InTime();
        for (var (looks, sent) = (0, 0L); looks < 20; looks++)
        {
            var now = client.Statistics.MessagesSent;
            looks = now == sent ? looks : 0;
            sent = now;
            await Task.Delay(TimeSpan.FromMilliseconds(10));
        }
    }

    private static async Task<string> RunAsync(string scenario, bool overSocket)
    {
        await using var host = await ScenarioHost.StartAsync(endpoint =>
        {
            endpoint.Options.MaxMessageSize = 1000;
            endpoint.OnMessage((client, message, _) => message.GetText() == "throw" ? throw new InvalidOperationException("from the handler") : client.WriteAsync(message, CancellationToken.None));
        });
        await using var peer = await host.ConnectAsync(overSocket);
        var client = peer.Client;
        await peer.SendAsync("hello");
        await peer.ExpectAsync("hello").InTime();

        await Scenarios[scenario](host, peer);
        await EndedAsync(scenario, host, client, overSocket);
        return Describe(await client.Completion.InTime());
    }

    /// <summary>Over a socket the clock must not run ahead of what is on its way: it moves only where the end is a matter of time, and waits a while at each step.</summary>
    private static async Task EndedAsync(string scenario, ScenarioHost host, IClient client, bool overSocket)
    {
        if (!overSocket)
        {
            await host.Time.AdvanceUntilAsync(client.Completion, AtMost).InTime();
            return;
        }

        if (!EndsByTheClock.Contains(scenario))
        {
            await client.Completion.InTime();
            return;
        }

        for (var end = host.Time.Elapsed + AtMost; !client.Completion.IsCompleted && host.Time.Elapsed < end;)
        {
            await Task.WhenAny(client.Completion, Task.Delay(TimeSpan.FromMilliseconds(20)));
            if (!client.Completion.IsCompleted)
                await host.Time.AdvanceAsync(TimeSpan.FromSeconds(1)).InTime();
        }
    }

    /// <summary>All but the counts of what was on its way when nothing went on, which depend on the buffers of the network.</summary>
    private static string Describe(DisconnectRecord record)
    {
        var text = new StringBuilder();
        text.Append($"{record.Reason} by {record.Initiator}, local {record.LocalStatus} '{Digits().Replace(record.LocalReason ?? "none", "#")}', peer {record.PeerStatus} '{record.PeerReason}', ");
        text.Append($"received {record.MessagesReceived}/{record.BytesReceived}, all counted {record.MessagesSent + record.MessagesUnsent + record.MessagesDropped > 0}, {record.Exception?.GetType().Name}");
        return text.ToString();
    }

    /// <summary>When to come back is chance.</summary>
    [GeneratedRegex("[0-9]+")]
    private static partial Regex Digits();
}
