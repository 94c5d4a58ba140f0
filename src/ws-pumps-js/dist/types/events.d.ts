import type { Data } from './options.js';
/** There is a connection: the first one, or another one after a loss. */
export interface OpenEvent extends Event {
    /** Whether this is not the first connection of this object. */
    readonly reconnected: boolean;
    /** Whether the session was resumed: nothing was lost, in neither direction. Always false without the option `resume`. */
    readonly resumed: boolean;
    /** How many messages of the server are lost for good, where the session could not be resumed and that is known. */
    readonly missed?: number;
}
/** The connection was lost, or an attempt to connect has failed, and another attempt follows. */
export interface ReconnectingEvent extends Event {
    /** The close code, 1006 where there was none. */
    readonly code: number;
    /** The reason that the peer gave. */
    readonly reason: string;
    /** Whether both sides closed in order. */
    readonly wasClean: boolean;
    /** Milliseconds until the next attempt. */
    readonly delay: number;
}
/** A message was accepted by `send` and is not going to be sent. */
export interface UnsentEvent extends Event {
    readonly data: Data;
    /** It waited too long, there was no room for it, or everything was closed first. */
    readonly reason: 'expired' | 'full' | 'closed';
}
/** `open`, `message`, `error` and `close` as `WebSocket` has them; `close` comes once, at the very end. */
export interface EventMap {
    open: OpenEvent;
    message: MessageEvent;
    error: Event;
    close: CloseEvent;
    reconnecting: ReconnectingEvent;
    unsent: UnsentEvent;
}
/** Node.js has no CloseEvent before version 23. */
export declare function createEvent(type: string, fields: object): Event;
