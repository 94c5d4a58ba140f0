import type { Data } from './options.js';
import { copy, sizeOf } from './data.js';

const maxMessages = 256;
const maxBytes = 65_536;

/** What a page counts so that a session can be resumed: docs/resume.md of WsPumps has the protocol. */
export class ResumeSession {
  #secret = newSecret();
  #sent = 0;
  /** What was sent last, in case it is lost on its way; the oldest go first. */
  #ring: Data[] = [];
  #bytes = 0;
  received = 0;

  /** The subprotocol that asks for the session, or for a new one under the same secret. */
  get offer(): string {
    return `wspumps.resume.${this.#secret}.${this.received}`;
  }

  send(data: Data): void {
    this.#sent++;
    this.#ring.push(copy(data));
    this.#bytes += sizeOf(data);
    while (this.#ring.length > maxMessages || this.#bytes > maxBytes) this.#forget();
  }

  /** A new session, under a new secret where the server must not find the former one any more. */
  begin(anew: boolean): void {
    if (anew) this.#secret = newSecret();
    this.#sent = this.received = this.#bytes = 0;
    this.#ring = [];
  }

  /** What the server, which has received so many, has to be sent again; undefined where nobody can know that any more. */
  lost(received: number): readonly Data[] | undefined {
    const lost = this.#sent - received;
    if (!(lost >= 0 && lost <= this.#ring.length)) return undefined;
    while (this.#ring.length > lost) this.#forget();
    return this.#ring;
  }

  #forget(): void {
    this.#bytes -= sizeOf(this.#ring.shift()!);
  }
}

function newSecret(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
