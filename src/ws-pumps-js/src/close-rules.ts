const longestWait = 86_400_000;

/** What the server has finished, cannot take or does not allow would end the same way again. */
export function isFinal(code: number, stopCodes: readonly number[]): boolean {
  return [1000, 1003, 1007, 1008, ...stopCodes].includes(code);
}

/** A server that stops, restarts or is too busy says when to come back. */
export function toldDelay({ code, reason }: { code: number; reason: string }): number | undefined {
  const told = [1001, 1012, 1013].includes(code) && /reconnect after (\d+) ms$/.exec(reason);
  return told ? Math.min(+told[1]!, longestWait) : undefined;
}
