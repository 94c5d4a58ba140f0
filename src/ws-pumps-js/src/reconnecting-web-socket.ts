import { isFinal, toldDelay } from './close-rules.js';
import { createEvent, type EventMap } from './events.js';
import { withDefaults, type Data, type Options, type Settings } from './options.js';
import { ResumeSession } from './resume-session.js';
import { SendQueue } from './send-queue.js';

const closeTimeout = 5000;
/** What a timer can hold; one that is set to more fires at once. */
const longestTimer = 2 ** 31 - 1;
const lostConnection = { code: 1006, reason: '', wasClean: false };

/** Typed listeners, and one property for each kind of event, as a WebSocket has them. */
export interface ReconnectingWebSocket {
  addEventListener<K extends keyof EventMap>(type: K, listener: ((event: EventMap[K]) => void) | EventListenerObject | null, options?: boolean | AddEventListenerOptions): void;
  removeEventListener<K extends keyof EventMap>(type: K, listener: ((event: EventMap[K]) => void) | EventListenerObject | null, options?: boolean | EventListenerOptions): void;
}

/**
 * A WebSocket that comes back. It is used as a `WebSocket` is; `open` is raised for each connection, `close` once, when it is over for good, and
 * `reconnecting` between them.
 */
export class ReconnectingWebSocket extends EventTarget {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSING = 2;
  static readonly CLOSED = 3;
  readonly CONNECTING = 0;
  readonly OPEN = 1;
  readonly CLOSING = 2;
  readonly CLOSED = 3;

  onopen: ((event: EventMap['open']) => void) | null = null;
  onmessage: ((event: EventMap['message']) => void) | null = null;
  onerror: ((event: EventMap['error']) => void) | null = null;
  onclose: ((event: EventMap['close']) => void) | null = null;
  onreconnecting: ((event: EventMap['reconnecting']) => void) | null = null;
  onunsent: ((event: EventMap['unsent']) => void) | null = null;

  readonly #url: URL;
  readonly #protocols: string[];
  readonly #options: Settings;
  readonly #queue: SendQueue;
  readonly #ended = new AbortController();
  #state = 0;
  #socket: WebSocket | undefined;
  #binaryType: BinaryType = 'blob';
  /** There is never more than one: until the next attempt, for the attempt, until the connection counts as stable, for the close. */
  #timer: ReturnType<typeof setTimeout> | undefined;
  #waiting = false;
  /** Grows whenever what is under way is given up, so that what still comes of it is not taken for the new one. */
  #turn = 0;
  #failures = 0;
  /** Attempts in a row that did not even open. */
  #unopened = 0;
  #connections = 0;
  readonly #session: ResumeSession | undefined;
  #protocol = '';
  /** There is a connection, but the server has not told yet what it has received. */
  #untold = false;
  /** Was given up while it was open. Closing it would end the session, which the next connection is to resume; the server ends it then. */
  #left: WebSocket | undefined;

  /**
   * @param url Absolute or relative to the page; `http` and `https` are taken for `ws` and `wss`.
   * @param protocols The subprotocols to offer.
   */
  constructor(url: string | URL, protocols: string | string[] = [], options: Options = {}) {
    super();
    this.#url = new URL(url, globalThis.document?.baseURI ?? globalThis.location?.href);
    this.#url.protocol = this.#url.protocol.replace(/^http/, 'ws');
    this.#protocols = [protocols].flat();
    this.#options = withDefaults(options);
    if (options.resume) this.#session = new ResumeSession();
    this.#queue = new SendQueue(this.#options, (data, reason) => this.#emit('unsent', { data, reason }));
    for (const type of ['open', 'message', 'error', 'close', 'reconnecting', 'unsent'] as const)
      this.addEventListener(type, (event) => (this[`on${type}`] as ((event: Event) => void) | null)?.(event));

    const { signal } = this.#ended;
    globalThis.addEventListener?.('online', () => this.#wake(true), { signal });
    globalThis.document?.addEventListener('visibilitychange', () => document.hidden || this.#wake(false), { signal });
    void this.#connect();
  }

  get readyState(): number {
    return this.#state;
  }

  get url(): string {
    return this.#url.href;
  }

  /** The subprotocol that the server has chosen. */
  get protocol(): string {
    return this.#protocol;
  }

  get extensions(): string {
    return this.#socket?.extensions ?? '';
  }

  /** What was accepted and has not left yet, with what waits for a connection. */
  get bufferedAmount(): number {
    return (this.#socket?.bufferedAmount ?? 0) + this.#queue.bytes;
  }

  get binaryType(): BinaryType {
    return this.#binaryType;
  }

  set binaryType(type: BinaryType) {
    this.#binaryType = type;
    if (this.#socket) this.#socket.binaryType = type;
  }

  /**
   * Sends a message, or keeps it until there is a connection.
   * @returns False where it is neither sent nor kept: there was no room (`unsent` is raised), or all is over.
   */
  send(data: Data): boolean {
    if (this.#state > 1) return false;
    if (this.#state !== 1 || this.#socket!.readyState !== 1) return this.#queue.add(data);
    this.#transmit(data);
    return true;
  }

  /** Closes for good. `close` is raised when the peer has answered, or after five seconds. */
  close(code?: number, reason?: string): void {
    if (this.#state > 1) return;
    const open = this.#state === 1;
    // It checks the arguments, so it comes first.
    this.#socket?.close(code, reason);
    this.#state = 2;
    if (!open) this.#giveUp();
    this.#after(open ? closeTimeout : 0, () => this.#end(lostConnection));
  }

  /** Leaves the connection, if there is one, and connects anew at once; also before a wait is over. Without effect after `close`. */
  reconnect(): void {
    if (this.#state > 1) return;
    this.#giveUp();
    this.#state = 0;
    void this.#connect();
  }

  async #connect(): Promise<void> {
    const turn = ++this.#turn;
    this.#waiting = false;
    this.#after(this.#options.connectTimeout, () => this.#lost(lostConnection));
    this.#queue.expire();
    const failed = (error: unknown, then: () => void) => {
      if (turn === this.#turn) this.#emit('error', { error });
      // A listener may have closed it, or begun anew.
      if (turn === this.#turn) then();
    };

    let token;
    try {
      token = await this.#options.token?.();
    } catch (error) {
      return failed(error, () => this.#lost(lostConnection));
    }

    if (turn !== this.#turn) return;
    try {
      this.#open(token);
    } catch (error) {
      // Not an attempt that failed but one that cannot be made: a subprotocol that is none, an address that the page may not use.
      failed(error, () => this.#end({ ...lostConnection, reason: (error as Error).name }));
    }
  }

  #open(token: string | null | undefined): void {
    const url = new URL(this.#url);
    const protocols = this.#offer();
    if (token && this.#options.tokenParameter) url.searchParams.set(this.#options.tokenParameter, token);
    else if (token) protocols.push(this.#options.tokenPrefix + token);

    const socket = new (this.#options.WebSocket ?? WebSocket)(url.href, protocols);
    this.#socket = socket;
    socket.binaryType = this.#binaryType;
    socket.onopen = () => this.#opened();
    socket.onmessage = (event) => this.#received(event);
    socket.onerror = () => this.#emit('error');
    socket.onclose = (event) => this.#lost(event);
  }

  #offer(): string[] {
    // Something on the way may not let such names through. By the sixth failure no server keeps the session any more.
    const plain = this.#unopened > 5 && this.#unopened % 2;
    if (!this.#session || plain) return [...this.#protocols];
    // Only then may another server have the session.
    const again = this.#connections || this.#unopened ? ['wspumps.again'] : [];
    // A browser ends a connection whose server chooses none of the names, so a fresh session needs one too.
    return [this.#session.offer, ...(this.#protocols.length ? this.#protocols : ['wspumps.fresh']), 'wspumps.told', ...again];
  }

  #opened(): void {
    this.#unopened = 0;
    const { protocol } = this.#socket!;
    this.#untold = !!this.#session && protocol.startsWith('wspumps.');
    if (this.#untold) return;
    this.#session?.begin(false);
    this.#protocol = protocol;
    this.#ready({ resumed: false });
  }

  #received({ data, origin }: MessageEvent): void {
    if (this.#untold) return this.#told(data);
    if (this.#session) this.#session.received++;
    this.#emit('message', { data, origin });
  }

  /** The first message of a session's connection, which is not the application's. */
  #told(data: unknown): void {
    this.#untold = false;
    const told = /^wspumps\.(?:(resumed)|fresh)(?:\.(\d+))?$/.exec(String(data));
    const count = told?.[2] ? +told[2] : undefined;
    if (told && !told[1]) {
      this.#session!.begin(false);
      this.#protocol = '';
      return this.#ready({ resumed: false, missed: count });
    }

    const lost = this.#session!.lost(count ?? NaN);
    if (!lost) {
      // Nobody can say what the server has: this session is over, for both.
      this.#session!.begin(true);
      this.#socket!.close();
      return this.#lost(lostConnection);
    }

    for (const message of lost) this.#socket!.send(message);
    this.#ready({ resumed: true });
  }

  #ready(event: object): void {
    this.#state = 1;
    this.#left?.close();
    this.#left = undefined;
    this.#after(this.#options.stableAfter, () => (this.#failures = 0));
    this.#emit('open', { reconnected: this.#connections++ > 0, ...event });
    this.#queue.expire();
    // A listener may have closed it again.
    for (let data; this.#state === 1 && this.#socket!.readyState === 1 && (data = this.#queue.take()) !== undefined; ) this.#transmit(data);
  }

  #transmit(data: Data): void {
    this.#session?.send(data);
    this.#socket!.send(data);
  }

  #lost({ code, reason, wasClean }: typeof lostConnection): void {
    if (this.#state === 2 || isFinal({ code, reason }, this.#options.stopCodes)) return this.#end({ code, reason, wasClean });
    this.#unopened++;
    this.#giveUp();
    this.#state = 0;
    const told = toldDelay({ code, reason });
    const { firstDelay, maxDelay } = this.#options;
    const delay = told ?? Math.random() * Math.min(maxDelay, firstDelay * 2 ** this.#failures++);
    // Who was told when to come back comes no sooner, whatever happens.
    this.#waiting = told === undefined;
    this.#after(delay, () => void this.#connect());
    this.#emit('reconnecting', { code, reason, wasClean, delay });
  }

  /** The page is shown again, or the network is back: then an open connection most likely belongs to the network that was lost. */
  #wake(isOnline: boolean): void {
    if (this.#waiting || (isOnline && this.#state === 1)) this.reconnect();
  }

  #giveUp(): void {
    this.#turn++;
    this.#waiting = this.#untold = false;
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = undefined;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onerror = socket.onclose = null;
    if (this.#session && socket.readyState === 1) {
      this.#left?.close();
      this.#left = socket;
    } else {
      socket.close();
    }
  }

  #end(event: typeof lostConnection): void {
    this.#giveUp();
    this.#left?.close();
    this.#state = 3;
    this.#ended.abort();
    this.#queue.close();
    this.#emit('close', event);
  }

  #after(delay: number, action: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(action, Math.min(delay, longestTimer));
  }

  #emit(type: keyof EventMap, fields = {}): void {
    this.dispatchEvent(createEvent(type, fields));
  }
}
