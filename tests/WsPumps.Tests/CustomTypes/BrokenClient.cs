using System.Net.WebSockets;

namespace WsPumps.Tests.CustomTypes;

/// <summary>A client that breaks the contract in one way.</summary>
internal sealed class BrokenClient(IClient inner, string defect) : WrappingClient(inner)
{
    public override Task WritePumpAsync(Action<IClient> unregister, TimeSpan pingInterval, CancellationToken cancellationToken) => defect switch
    {
        "write pump throws at once" => throw new InvalidOperationException(defect),
        "write pump fails" => Task.FromException(new InvalidOperationException(defect)),
        "write pump never ends" => new TaskCompletionSource().Task,
        _ => base.WritePumpAsync(unregister, pingInterval, cancellationToken),
    };

    public override Task ReadPumpAsync(Action<IClient> unregister, IReadOnlyList<MessageHandler> handlers, CancellationToken cancellationToken) => defect switch
    {
        "read pump throws at once" => throw new InvalidOperationException(defect),
        "read pump fails" => Task.FromException(new InvalidOperationException(defect)),
        "read pump never ends" => new TaskCompletionSource().Task,
        _ => base.ReadPumpAsync(unregister, handlers, cancellationToken),
    };

    public override Task CloseAsync(
        WebSocketCloseStatus status = WebSocketCloseStatus.NormalClosure,
        string? reason = null,
        CloseMode mode = CloseMode.Drain,
        CancellationToken cancellationToken = default) =>
        defect == "close throws" ? throw new InvalidOperationException(defect) : base.CloseAsync(status, reason, mode, cancellationToken);
}
