namespace CustomClient;

/// <param name="Tenant">Whose.</param>
/// <param name="Clients">Who is connected now.</param>
/// <param name="Received">Messages that were handled.</param>
/// <param name="Refused">Messages that were over the limit.</param>
/// <param name="Sent">Messages that a client's queue took.</param>
/// <param name="Dropped">Messages that none took.</param>
internal sealed record Usage(string Tenant, int Clients, long Received, long Refused, long Sent, long Dropped);
