import type { Data } from './options.js';
export declare function sizeOf(data: Data): number;
/** As with a WebSocket, the caller may change its buffer as soon as `send` returns. */
export declare function copy(data: Data): Data;
