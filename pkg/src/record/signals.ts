/** The end of this process by a signal that it does not handle. */

import { constants } from "node:os";

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
  // One that it sends itself ends it at once: there may be nothing left to wait for, and a process that ends first ends well.
  const { kill } = process;
  process.kill = function (pid, signal = "SIGTERM") {
    const name = typeof signal === "string" ? signal : SIGNALS.find((known) => constants.signals[known as NodeJS.Signals] === signal);
    if (pid === process.pid && name !== undefined && process.listeners(name as NodeJS.Signals).includes(end)) {
      last();
      process.off(name, end);
    }
    return Reflect.apply(kill, this, arguments) as true;
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
