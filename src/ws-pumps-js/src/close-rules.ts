const longestWait = 86_400_000;

type Close = { code: number; reason: string };

/** What the server has finished, cannot take or does not allow would end the same way again, unless it says when to come back. */
export function isFinal(close: Close, stopCodes: readonly number[]): boolean {
  const { code } = close;
  return [1000, 1003, 1007, ...stopCodes].includes(code) || (code === 1008 && toldDelay(close) === undefined);
}

/** A server that stops, restarts, is too busy, or has a rule that allows it, says when to come back. */
export function toldDelay({ code, reason }: Close): number | undefined {
  const told = [1001, 1008, 1012, 1013].includes(code) && /reconnect after (\d+) ms$/.exec(reason);
  return told ? Math.min(+told[1]!, longestWait) : undefined;
}
