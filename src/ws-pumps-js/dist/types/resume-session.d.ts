import type { Data } from './options.js';
/** What a page counts so that a session can be resumed: docs/resume.md of WsPumps has the protocol. */
export declare class ResumeSession {
    #private;
    received: number;
    /** The subprotocol that asks for the session, or for a new one under the same secret. */
    get offer(): string;
    send(data: Data): void;
    /** A new session, under a new secret where the server must not find the former one any more. */
    begin(anew: boolean): void;
    /** What the server, which has received so many, has to be sent again; undefined where nobody can know that any more. */
    lost(received: number): readonly Data[] | undefined;
}
