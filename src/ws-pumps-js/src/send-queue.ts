import { copy, sizeOf } from './data.js';
import type { Data } from './options.js';
import type { UnsentEvent } from './events.js';

type Bounds = { maxQueuedMessages: number; maxQueuedBytes: number; timeToLive: number };

/** What was written while there was no connection, oldest first. */
export class SendQueue {
  #entries: { data: Data; size: number; expires: number }[] = [];
  #bounds: Bounds;
  #unsent: (data: Data, reason: UnsentEvent['reason']) => void;
  bytes = 0;

  constructor(bounds: Bounds, unsent: (data: Data, reason: UnsentEvent['reason']) => void) {
    this.#bounds = bounds;
    this.#unsent = unsent;
  }

  add(data: Data): boolean {
    this.expire();
    const size = sizeOf(data);
    if (this.#entries.length >= this.#bounds.maxQueuedMessages || this.bytes + size > this.#bounds.maxQueuedBytes) {
      this.#unsent(data, 'full');
      return false;
    }

    this.#entries.push({ data: copy(data), size, expires: Date.now() + this.#bounds.timeToLive });
    this.bytes += size;
    return true;
  }

  /** Tells of what has waited too long, and forgets it. */
  expire(): void {
    while (this.#entries[0] && this.#entries[0].expires <= Date.now()) this.#unsent(this.take()!, 'expired');
  }

  take(): Data | undefined {
    const entry = this.#entries.shift();
    if (entry) this.bytes -= entry.size;
    return entry?.data;
  }

  close(): void {
    for (let data; (data = this.take()) !== undefined; ) this.#unsent(data, 'closed');
  }
}
