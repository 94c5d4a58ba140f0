type Close = {
    code: number;
    reason: string;
};
/** What the server has finished, cannot take or does not allow would end the same way again, unless it says when to come back. */
export declare function isFinal(close: Close, stopCodes: readonly number[]): boolean;
/** A server that stops, restarts, is too busy, or has a rule that allows it, says when to come back. */
export declare function toldDelay({ code, reason }: Close): number | undefined;
export {};
