/** Time that passes faster, in this process and in all that it starts with this file: claims and doubts of a vault take minutes. */

const FACTOR = Number((process.env.XERO_M2M_FASTER ??= "10"));
const began = Number((process.env.XERO_M2M_FASTER_SINCE ??= String(Date.now())));

const now = Date.now;
const measured = performance.now.bind(performance);
Date.now = () => Math.floor(began + (now() - began) * FACTOR);
performance.now = () => measured() * FACTOR;

const { setTimeout: after } = globalThis;
globalThis.setTimeout = (act, ms = 0, ...given) => after(act, ms / FACTOR, ...given);

/** A store whose clock is that of other programs, as one of these processes sees it. */
export const asFast = (store) => ({
  durable: store.durable,
  async swap({ at, slackMs, ttlMs, ...turn }) {
    const found = await store.swap({ ...turn, at: Math.floor(began + (at - began) / FACTOR), slackMs: slackMs / FACTOR, ttlMs: Math.ceil(ttlMs / FACTOR) });
    return { ...found, at: Math.floor(began + (found.at - began) * FACTOR) };
  },
});

/** Waits so many milliseconds of the time of other programs. */
export const pause = (ms) => new Promise((done) => after(done, ms));
