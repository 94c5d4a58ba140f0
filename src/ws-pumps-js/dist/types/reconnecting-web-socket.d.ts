import { type EventMap } from './events.js';
import { type Data, type Options } from './options.js';
/** Typed listeners, and one property for each kind of event, as a WebSocket has them. */
export interface ReconnectingWebSocket {
    addEventListener<K extends keyof EventMap>(type: K, listener: ((event: EventMap[K]) => void) | EventListenerObject | null, options?: boolean | AddEventListenerOptions): void;
    removeEventListener<K extends keyof EventMap>(type: K, listener: ((event: EventMap[K]) => void) | EventListenerObject | null, options?: boolean | EventListenerOptions): void;
}
/**
 * A WebSocket that comes back. It is used as a `WebSocket` is; `open` is raised for each connection, `close` once, when it is over for good, and
 * `reconnecting` between them.
 */
export declare class ReconnectingWebSocket extends EventTarget {
    #private;
    static readonly CONNECTING = 0;
    static readonly OPEN = 1;
    static readonly CLOSING = 2;
    static readonly CLOSED = 3;
    readonly CONNECTING = 0;
    readonly OPEN = 1;
    readonly CLOSING = 2;
    readonly CLOSED = 3;
    onopen: ((event: EventMap['open']) => void) | null;
    onmessage: ((event: EventMap['message']) => void) | null;
    onerror: ((event: EventMap['error']) => void) | null;
    onclose: ((event: EventMap['close']) => void) | null;
    onreconnecting: ((event: EventMap['reconnecting']) => void) | null;
    onunsent: ((event: EventMap['unsent']) => void) | null;
    /**
     * @param url Absolute or relative to the page; `http` and `https` are taken for `ws` and `wss`.
     * @param protocols The subprotocols to offer.
     */
    constructor(url: string | URL, protocols?: string | string[], options?: Options);
    get readyState(): number;
    get url(): string;
    /** The subprotocol that the server has chosen. */
    get protocol(): string;
    get extensions(): string;
    /** What was accepted and has not left yet, with what waits for a connection. */
    get bufferedAmount(): number;
    get binaryType(): BinaryType;
    set binaryType(type: BinaryType);
    /**
     * Sends a message, or keeps it until there is a connection.
     * @returns False where it is neither sent nor kept: there was no room (`unsent` is raised), or all is over.
     */
    send(data: Data): boolean;
    /** Closes for good. `close` is raised when the peer has answered, or after five seconds. */
    close(code?: number, reason?: string): void;
    /** Leaves the connection, if there is one, and connects anew at once; also before a wait is over. Without effect after `close`. */
    reconnect(): void;
}
