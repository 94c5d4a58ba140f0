using System.IO.Pipelines;

namespace WsPumps.Hosting;

/// <summary>
/// The transport of a connection as the server accepted it from its socket, before any connection middleware: a feature of the connection.
/// </summary>
internal sealed record NotedTransport(IDuplexPipe Transport);
