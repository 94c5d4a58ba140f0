using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using WsPumps.Testing.Time;

namespace WsPumps.Testing.Links;

/// <summary>The server's end of a link, as Kestrel takes it from a transport.</summary>
internal sealed class LinkConnection : ConnectionContext, IDuplexPipe
{
    private readonly TestLink _link;
    private readonly WorkCounter _work;
    private readonly CancellationTokenSource _closed = new();
    private int _hasClosed;

    public LinkConnection(TestLink link, WorkCounter work, string id, EndPoint peer, EndPoint server)
    {
        (_link, _work, ConnectionId, RemoteEndPoint, LocalEndPoint) = (link, work, id, peer, server);
        Transport = this;
        ConnectionClosed = _closed.Token;
        _ = _link.RunAsync(OnInputEnded);
    }

    public override IDuplexPipe Transport { get; set; }

    public override string ConnectionId { get; set; }

    public override IFeatureCollection Features { get; } = new FeatureCollection();

    public override IDictionary<object, object?> Items { get; set; } = new ConnectionItems();

    public PipeReader Input => _link.ToServer.Reader;

    public PipeWriter Output => _link.ToPeer.Writer;

    public override void Abort(ConnectionAbortedException abortReason) => _link.Reset();

    public override async ValueTask DisposeAsync()
    {
        await Input.CompleteAsync();
        await Output.CompleteAsync();
        // A server that has left reads nothing more: what the peer still sends goes nowhere.
        _link.ToServer.End(reset: false);
        await base.DisposeAsync();
    }

    /// <summary>Like the transport over sockets: on the thread pool, because what is registered on the token is not known here.</summary>
    private void OnInputEnded()
    {
        if (Interlocked.Exchange(ref _hasClosed, 1) == 0)
            _work.Queue(_closed.Cancel);
    }
}
