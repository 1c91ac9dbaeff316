/**
 * The memory that the core shares with this code: what is written into its input, and what is read from its output, member by
 * member. `src/crossing/bytes.rs` describes the bytes. Each file of the package has one core at most, and a copy of this code.
 */

import { CODES } from "./codes.js";
import { defined } from "./defined.js";
import type { XeroErrorCode, XeroErrorDetails } from "./errors.js";

/** @internal The part of the core that is needed to cross. */
export interface Shared {
  memory: WebAssembly.Memory;
  /** Makes room for so many bytes in the input, keeps what is there, and returns its address. */
  room(bytes: number): number;
}

/** The length of a text or a list that is absent. */
const ABSENT = 2 ** 32 - 1;

/** The room that is left for the members after a text. */
const MARGIN = 512;

/** The names of the codes, by their places. */
export const CODE_NAMES = Object.keys(CODES) as XeroErrorCode[];

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

let shared: Shared;
let bytes = new Uint8Array();
let view: DataView;
/** The next byte to write or to read. */
let at = 0;
let input = 0;
let room = 0;

/** Looks at the memory anew if it has grown, and so moved. */
function look(): void {
  if (bytes.length > 0) return;
  bytes = new Uint8Array(shared.memory.buffer);
  view = new DataView(shared.memory.buffer);
}

/** @internal Crosses to this instance from now on. */
export function share(instance: Shared): void {
  shared = instance;
  bytes = new Uint8Array();
  room = 0;
}

function reserve(most: number): void {
  const written = at - input;
  if (written + most > room) input = shared.room((room = written + most));
  at = input + written;
  look();
}

/** Begins to write. */
export function begin(): void {
  at = input;
  reserve(2 * MARGIN);
}

/** The number of bytes written. */
export function written(): number {
  return at - input;
}

/** Begins to read what is at this address. */
export function open(address: number): void {
  at = address;
  look();
}

/** Wipes what was read from this address on. */
export function wipe(address: number): void {
  bytes.fill(0, address, at);
}

export function putByte(value: number): void {
  bytes[at++] = value;
}

export function putFlag(value: boolean | undefined): void {
  putByte(value ? 1 : 0);
}

/** Writes which of the words it is. */
export function putWord<T>(value: T | undefined, words: readonly T[]): void {
  putByte(words.indexOf(value!) + 1);
}

export function putNumber(value: number | undefined): void {
  view.setFloat64(at, value ?? NaN, true);
  at += 8;
}

function putLength(value: number): void {
  view.setUint32(at, value, true);
  at += 4;
}

export function putText(value: string | undefined): void {
  if (value === undefined) return putLength(ABSENT);
  const { length } = value;
  // Each of its units takes three bytes at most.
  reserve(3 * length + MARGIN);
  const start = at + 4;
  let count = 0;
  for (let unit: number; count < length && (unit = value.charCodeAt(count)) < 128; count++) bytes[start + count] = unit;
  if (count < length) count += encoder.encodeInto(value.slice(count), bytes.subarray(start + count)).written;
  putLength(count);
  at += count;
}

export function putTexts(value: readonly string[] | undefined): void {
  putLength(value?.length ?? ABSENT);
  value?.forEach(putText);
}

export function takeByte(): number {
  return bytes[at++]!;
}

export function takeFlag(): boolean {
  return takeByte() === 1;
}

export function takeCode(): XeroErrorCode {
  return CODE_NAMES[takeByte()]!;
}

/** Takes one of the words, or none. */
export function takeWord<const T extends string>(words: readonly T[]): T | undefined {
  return words[takeByte() - 1];
}

export function takeNumber(): number {
  at += 8;
  return view.getFloat64(at - 8, true);
}

export function takeOptionalNumber(): number | undefined {
  const value = takeNumber();
  return Number.isNaN(value) ? undefined : value;
}

function takeLength(): number {
  at += 4;
  return view.getUint32(at - 4, true);
}

export function takeOptionalText(): string | undefined {
  const length = takeLength();
  if (length === ABSENT) return undefined;
  at += length;
  return decoder.decode(bytes.subarray(at - length, at));
}

export function takeText(): string {
  return takeOptionalText()!;
}

export function takeTexts(): string[] | undefined {
  const length = takeLength();
  return length === ABSENT ? undefined : Array.from({ length }, takeText);
}

/** Takes an error, as `error` of `src/call/wire.rs` writes it. Members that are absent are not there. */
export function takeError(): XeroErrorDetails {
  const code = takeCode();
  const details = {
    code,
    blame: CODES[code][0],
    retryable: takeFlag(),
    message: takeText(),
    retryAt: takeOptionalNumber(),
    retryUntil: takeOptionalNumber(),
    operation: takeOptionalText(),
    scopes: takeTexts(),
    rule: takeOptionalText(),
    limit: takeOptionalText(),
    outcome: takeOptionalText(),
  };
  return defined(details) as unknown as XeroErrorDetails;
}

export function takeOptionalError(): XeroErrorDetails | undefined {
  return takeFlag() ? takeError() : undefined;
}
