/** The end of this process by a signal that it does not handle. */

const SIGNALS: readonly (string | symbol)[] = ["SIGINT", "SIGTERM", "SIGHUP"];

/**
 * Calls `last` before such a signal ends this process, which then ends by the signal as it would without the recorder.
 *
 * A listener is there only as long as the program has none for the signal, so that a program which counts its listeners counts its own.
 */
export function beforeSignals(last: () => void): void {
  // There are no signals of this kind on Windows.
  if (process.platform === "win32") return;
  const end = (signal: NodeJS.Signals): void => {
    last();
    process.off(signal, end);
    process.kill(process.pid, signal);
  };
  const isOther = (event: string | symbol, listener: unknown) => SIGNALS.includes(event) && listener !== end;
  for (const signal of SIGNALS) if (process.listenerCount(signal) === 0) process.on(signal, end);
  // Before the platform's own, which begins to receive the signal only if nothing does.
  (process as NodeJS.EventEmitter).prependListener("newListener", (event: string | symbol, listener: unknown) => {
    if (isOther(event, listener)) process.off(event, end);
  });
  process.on("removeListener", (event, listener) => {
    if (isOther(event, listener) && process.listenerCount(event) === 0) process.on(event, end);
  });
}
