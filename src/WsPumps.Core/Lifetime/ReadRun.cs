using WsPumps.Diagnostics;
using WsPumps.Inbound;

namespace WsPumps.Lifetime;

/// <summary>The read pump of a connection from its begin to its end: all is read, handlers end, and the peer's close is answered.</summary>
internal readonly struct ReadRun(Connection connection, HandlerChain handlers)
{
    /// <summary>Reads until the peer's close frame has come, or the connection is lost.</summary>
    public async Task RunAsync(Action<IClient> unregister)
    {
        try
        {
            var work = connection.Time as IWorkCounter;
            // A handler that blocks its thread must not block whoever starts the pump.
            work?.Begin();
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            work?.End();
            var outcome = await connection.ReadToTheEndAsync().ConfigureAwait(false);
            if (outcome is not ReadOutcome.Closed)
            {
                connection.Close(DisconnectCause.Of(outcome, connection.Reader, connection.Streamed), CloseMode.Drain);
                await connection.Reader.DiscardAsync().ConfigureAwait(false);
            }

            connection.HasReadAll = true;
            // What came before the peer's close frame is handled, and answered, before ours goes out.
            await handlers.EndedAsync(connection.Dispatcher).ConfigureAwait(false);
            Answer();
        }
        catch (Exception exception)
        {
            connection.ReadingFailed(exception);
            await handlers.CancelAsync().ConfigureAwait(false);
            await handlers.EndedAsync(connection.Dispatcher).ConfigureAwait(false);
        }
        finally
        {
            connection.Reader.Release();
            connection.Client.ReadingEnded(unregister);
        }
    }

    /// <summary>What is left to write leaves on this thread, which has nothing else to do.</summary>
    private void Answer()
    {
        connection.WritePump.BeginCork();
        try
        {
            // A message whose end is up to the application may never have one, and nothing can follow half of it.
            connection.Close(
                DisconnectCause.Peer(connection.Transport.PeerStatus, connection.Transport.PeerReason),
                connection.Outbound.AwaitsFragments ? CloseMode.Now : CloseMode.Drain);
        }
        finally
        {
            connection.WritePump.EndCork();
        }
    }
}
