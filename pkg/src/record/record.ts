/**
 * `node --import xero-m2m/record app.js`: records the calls to Xero that a program makes, by operation. See docs/recorder.md.
 *
 * @module
 */

import { watchChannels } from "./channels.js";
import { isWithoutChannel, watchFetch } from "./fetch.js";
import { beginRecording } from "./recording.js";

// Once in a thread, however often it is loaded.
const MARK = Symbol.for("xero-m2m.record");

if (!(MARK in globalThis)) {
  Object.defineProperty(globalThis, MARK, { value: true });
  const saw = beginRecording();
  watchChannels(saw);
  if (isWithoutChannel()) watchFetch(saw);
}

export {};
