/** Time that passes faster, in this process and in all that it starts with this file: claims and doubts of a vault take minutes. */

const FACTOR = 10;
const began = Number((process.env.XERO_M2M_FASTER_SINCE ??= String(Date.now())));

const now = Date.now;
const measured = performance.now.bind(performance);
Date.now = () => Math.floor(began + (now() - began) * FACTOR);
performance.now = () => measured() * FACTOR;

const { setTimeout: after } = globalThis;
globalThis.setTimeout = (act, ms = 0, ...given) => after(act, ms / FACTOR, ...given);

/** Waits so many milliseconds of the time of other programs. */
export const pause = (ms) => new Promise((done) => after(done, ms));
