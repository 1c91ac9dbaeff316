// Measuring and printing, for the scripts beside this one.
import { execFileSync } from "node:child_process";

/** The middle one; of an even number, the lower of the two. */
export function median(list) {
  return [...list].sort((a, b) => a - b)[(list.length - 1) >> 1];
}

/**
 * Measures the processor time of each client for `what`, in nanoseconds by name: the first time in a process, and later.
 *
 * Each measures in processes of its own, so that none pays for another's garbage, and they take turns, so that a slow
 * moment of the machine falls on all alike.
 */
export function race(clients, what, rounds = 3) {
  const found = clients.map((client) => ({ client, list: [] }));
  for (let round = 0; round < rounds; round++) {
    for (const { client, list } of found) list.push(JSON.parse(node("bench/one.mjs", client, what)));
  }
  const middle = (list, key) => median(list.map((times) => times[key]));
  return Object.fromEntries(
    found.map(({ client, list }) => [client, { first: middle(list, "first"), later: middle(list, "later") }]),
  );
}

/** Returns the output of a Node process that is started with these arguments. */
export function node(...args) {
  return execFileSync(process.execPath, args, { cwd: new URL("..", import.meta.url), encoding: "utf8" });
}

/** Bytes of the heap that are in use, garbage not counted. Needs `node --expose-gc`. */
export function heap() {
  gc();
  gc();
  return process.memoryUsage().heapUsed;
}

/** Prints a table: its title and the heads of its columns, and a line for each row, numbers to the right. */
export function table(title, heads, rows) {
  const lines = [[title, ...heads], ...rows];
  const widths = heads.map((_, column) => Math.max(12, ...lines.map((line) => line[column + 1].length + 2)));
  console.log();
  for (const [name, ...cells] of lines) {
    console.log(`  ${name.padEnd(48)}${cells.map((cell, column) => cell.padStart(widths[column])).join("")}`);
  }
}

export const note = (text) => console.log(`  ${text}`);
export const count = (number) => number.toLocaleString("en");
export const kB = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
export const ratio = (part, whole) => `${(part / whole).toFixed(2)} x`;

/** Nanoseconds, in the unit that suits them, to three digits. */
export function time(ns) {
  const [value, unit] = ns < 999.5 ? [ns, "ns"] : ns < 999_500 ? [ns / 1e3, "µs"] : [ns / 1e6, "ms"];
  return `${value < 999.5 ? value.toPrecision(3) : Math.round(value)} ${unit}`;
}
