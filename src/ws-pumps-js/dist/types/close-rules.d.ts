/** What the server has finished, cannot take or does not allow would end the same way again. */
export declare function isFinal(code: number, stopCodes: readonly number[]): boolean;
/** A server that stops, restarts or is too busy says when to come back. */
export declare function toldDelay({ code, reason }: {
    code: number;
    reason: string;
}): number | undefined;
