/** What a WebSocket sends. */
export type Data = string | ArrayBuffer | ArrayBufferView<ArrayBuffer> | Blob;
/** Times are in milliseconds. */
export interface Options {
    /**
     * Asked for a token before each attempt to connect, so that it may be a fresh one. Null or an empty text: none. What it throws counts as an
     * attempt that failed.
     */
    token?: () => string | null | undefined | Promise<string | null | undefined>;
    /** The token is offered as a subprotocol that begins with this: `TokenSubProtocolPrefix` of the server. Default: `bearer.`. */
    tokenPrefix?: string;
    /** The token goes into this parameter of the address instead: `TokenQueryParameter` of the server. Addresses are logged, so prefer the subprotocol. */
    tokenParameter?: string;
    /** The longest wait before the first attempt to come back; it doubles with each attempt that fails. Waits are drawn at random from 0 up. Default: 1,000. */
    firstDelay?: number;
    /** What the longest wait grows to. Default: 30,000. */
    maxDelay?: number;
    /** An attempt that has not brought a connection by then has failed. Default: 10,000. */
    connectTimeout?: number;
    /** A connection that lasted this long was a good one: after it the waits begin with `firstDelay` again. Default: 10,000. */
    stableAfter?: number;
    /**
     * Close codes after which it does not come back, besides 1000, 1003, 1007, and 1008 whose reason does not say when to: your own ones,
     * 4000 to 4999. Default: none.
     */
    stopCodes?: readonly number[];
    /** How many messages wait while there is no connection. Default: 256. */
    maxQueuedMessages?: number;
    /** How many bytes (of text: UTF-16 units) wait while there is no connection. Default: 1,048,576. */
    maxQueuedBytes?: number;
    /** A message that has waited longer is not sent any more. Default: 30,000. */
    timeToLive?: number;
    /**
     * Whether a connection that was lost is resumed without loss, in both directions. The server's endpoint must have it on (`endpoint.Resume`). Default: false.
     */
    resume?: boolean;
    /** The class of the sockets, where it is not the global one: for Node.js before version 22, and for tests. */
    WebSocket?: typeof WebSocket;
}
declare const defaults: {
    tokenPrefix: string;
    firstDelay: number;
    maxDelay: number;
    connectTimeout: number;
    stableAfter: number;
    stopCodes: readonly number[];
    maxQueuedMessages: number;
    maxQueuedBytes: number;
    timeToLive: number;
};
export type Settings = Options & typeof defaults;
export declare function withDefaults(options: Options): Settings;
export {};
