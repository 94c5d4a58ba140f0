namespace WsPumps.Outbound;

/// <summary>One brief step under the lock of a queue.</summary>
/// <param name="queue">The queue.</param>
/// <param name="state">What its lock guards.</param>
/// <param name="argument">What the step needs, so that it captures nothing.</param>
/// <param name="effects">What is to be done when the lock is released.</param>
internal delegate TResult QueueStep<in TArgument, out TResult>(
    OutboundQueue queue, ref OutboundState state, TArgument argument, ref QueueEffects effects);
