/**
 * `node --import xero-m2m/record app.js`: records the calls to Xero that a program makes, by operation. See docs/recorder.md.
 *
 * @module
 */

import { watchChannels } from "./channels.js";
import { watchChildren } from "./children.js";
import { isWithoutChannel, watchFetch } from "./fetch.js";
import { isWithoutHttp2Channel, watchHttp2 } from "./http2.js";
import { beginRecording } from "./recording.js";

// Once in a thread, however often it is loaded.
const MARK = Symbol.for("xero-m2m.record");

if (!(MARK in globalThis)) {
  Object.defineProperty(globalThis, MARK, { value: true });
  try {
    const saw = beginRecording();
    const reports = watchChannels(saw);
    if (isWithoutChannel()) watchFetch(saw);
    if (isWithoutHttp2Channel()) watchHttp2(saw, reports);
    watchChildren(__filename);
  } catch (error) {
    // Another runtime, or one without the permissions. The program runs without a recording.
    console.error(`xero-m2m record: this process is not recorded: ${(error as Error).message}`);
  }
}

export {};
