import type { Data } from './options.js';
import type { UnsentEvent } from './events.js';
type Bounds = {
    maxQueuedMessages: number;
    maxQueuedBytes: number;
    timeToLive: number;
};
/** What was written while there was no connection, oldest first. */
export declare class SendQueue {
    #private;
    bytes: number;
    constructor(bounds: Bounds, unsent: (data: Data, reason: UnsentEvent['reason']) => void);
    add(data: Data): boolean;
    /** Tells of what has waited too long, and forgets it. */
    expire(): void;
    take(): Data | undefined;
    close(): void;
}
export {};
