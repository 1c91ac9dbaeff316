/** The texts that calls and scopes are read from: files, folders, standard input, arguments. */

import { stat } from "node:fs/promises";
import { relative, resolve, sep } from "node:path";
import type { NamedText } from "xero-m2m/policy";
import { BadUse } from "./bad-use.js";
import { type Bounds, filesIn, filesLike, readBytes } from "./files.js";
import { MOST_PATTERN, isPattern } from "./glob.js";
import { note } from "./output.js";
import { type LeftOut, leftOutWords } from "./own.js";
import { some } from "./phrases.js";
import { progress } from "./progress.js";
import { oneLine, quoted } from "./redact.js";

/** A text and where it comes from. */
export interface Source {
  /** Its name for people: on one line, without control characters. */
  name: string;
  /** Its path from the working directory, with `/`; absent if it is no file. */
  file?: string;
  /** True if it was found in a folder or by a pattern, rather than named. */
  found?: boolean;
  /** True if it is an argument of the command line. */
  argument?: boolean;
  /** True if it could not be read, or not searched: its text is then empty. */
  unread?: boolean;
  /** Its text. */
  text: string;
  /** Its own place, if it is a part of a file. */
  from?: Place;
}

/** A place in a source. */
export interface Place {
  source: Source;
  /** From 1. */
  line: number;
  /** In UTF-16 code units from 1. */
  column: number;
  /** The column behind it, if it is on one line as it is shown. */
  endColumn?: number;
}

/** The position of a call, as the library gives it. */
interface Position {
  input: number;
  at: number;
  line: number;
  /** Its text; `call` in some answers. */
  text?: string;
  call?: string;
}

/** Reads what `path` names: a file, the files in a folder or of a pattern, or standard input for `-`. */
export async function readSources(path: string, folder = "."): Promise<Source[]> {
  if (path === "-") return [await readInput()];
  const full = resolve(folder, path);
  const found = await stat(full).catch(() => undefined);
  if (found && !found.isDirectory()) return [await readCalls(full)];
  const advice = 'a call itself is given as --call "GET /Invoices"';
  if (!found && path.length > MOST_PATTERN) throw new BadUse(`a pattern has at most ${MOST_PATTERN} characters`);
  if (!found && /[!@+?*]\(/.test(path)) {
    throw new BadUse(`${quoted(path)} has !(, @(, +(, ?( or *( in it; patterns have *, **, ?, [a-z] and {a,b}`);
  }
  if (!found && !isPattern(path)) throw new BadUse(`there is no file ${quoted(path)}; ${advice}`);
  const left: LeftOut = { folders: [], files: 0, hidden: 0, unread: [] };
  const files = await (found ? filesIn(full, left) : filesLike(path, folder, left));
  const words = leftOutWords(left);
  if (words) await note(words);
  for (const [folder, why] of left.unread) {
    await note(`${quoted(nameOf(folder))} was not searched, and its calls are not known: ${why}`);
  }
  const closed = left.unread.map(([folder]) => unreadSource(folder));
  if (!files.length) throw new BadUse(`no file is in ${quoted(path)} or matches it; ${advice}`);
  return [...(await readTexts(files)), ...closed];
}

/** Reads files that were not named one by one: files that are not text or cannot be read are skipped, with a note. */
async function readTexts(files: readonly string[]): Promise<Source[]> {
  const sources: Source[] = [];
  const unread: string[] = [];
  const others: string[] = [];
  for (const [at, file] of files.entries()) {
    progress(() => `reading files, ${at} of ${files.length}`);
    try {
      const bytes = await bytesOf(file, CALLS);
      if (!otherThanText(bytes)) sources.push({ ...(await sourceOf(file, bytes)), found: true });
      else others.push(nameOf(file));
    } catch (error) {
      if (!(error instanceof BadUse)) throw error;
      unread.push(error.message);
      sources.push(unreadSource(file));
    }
  }
  if (others.length) {
    await note(`skipped ${others.length} of ${files.length} files, which are not text: ${some(others, 3)}`);
  }
  for (const message of unread) await note(`${message}; it was skipped, and its calls are not known`);
  return sources;
}

/** Something in a folder that could not be read. */
function unreadSource(path: string): Source {
  const file = nameOf(path);
  return { name: oneLine(file), file, found: true, unread: true, text: "" };
}

/** Texts as the library takes them, with the names of their files. */
export function textsOf(sources: readonly Source[]): NamedText[] {
  return sources.map(({ text, file, found = false, unread = false }) => ({ name: file, text, found, unread }));
}

/** Files of calls: logs and HAR files are large. One text has at most half a gigabyte. */
const CALLS: Bounds = { most: 2 ** 30 };

/** Files that people write by hand: scopes and policies. */
export const SMALL: Bounds = { most: 2 ** 20 };

/** Reads one file. */
export async function readSource(path: string, bounds: Bounds): Promise<Source> {
  return sourceOf(path, await bytesOf(path, bounds));
}

/** Reads one file of calls that was named. One that is not text is refused: nothing in it would be found. */
async function readCalls(path: string): Promise<Source> {
  const bytes = await bytesOf(path, { ...CALLS, pipe: true });
  const other = otherThanText(bytes);
  if (other) throw new BadUse(`cannot read ${quoted(nameOf(path))}: ${other}`);
  return sourceOf(path, bytes);
}

/** Reads standard input to its end. */
export async function readInput(): Promise<Source> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  } catch (error) {
    throw new BadUse(`cannot read standard input: ${(error as NodeJS.ErrnoException).code ?? "it ended early"}`);
  }
  const bytes = Buffer.concat(chunks);
  const other = otherThanText(bytes);
  if (other) throw new BadUse(`cannot read standard input: ${other}`);
  return { name: "stdin", text: await decode("standard input", bytes) };
}

async function bytesOf(path: string, bounds: Bounds): Promise<Buffer> {
  try {
    return await readBytes(path, bounds);
  } catch (error) {
    throw new BadUse(`cannot read ${quoted(nameOf(path))}: ${(error as Error).message}`);
  }
}

async function sourceOf(path: string, bytes: Buffer): Promise<Source> {
  const file = nameOf(path);
  return { name: oneLine(file), file, text: await decode(file, bytes) };
}

/** From the working directory if it is below it, else absolute. */
function nameOf(path: string): string {
  const full = resolve(path);
  const name = relative("", full);
  return (name.startsWith("..") ? full : name).split(sep).join("/");
}

/** The byte order marks of the encodings besides UTF-8 that PowerShell writes. */
const MARKS: [string, number, number][] = [
  ["utf-16le", 0xff, 0xfe],
  ["utf-16be", 0xfe, 0xff],
];

function encodingOf(bytes: Buffer): string {
  return MARKS.find(([, first, second]) => bytes[0] === first && bytes[1] === second)?.[0] ?? "utf-8";
}

/** The bytes that compressed files begin with, and the programs that unpack them. */
const PACKED: [string, number[]][] = [
  ["gzip", [0x1f, 0x8b]],
  ["zstd", [0x28, 0xb5, 0x2f, 0xfd]],
  ["bzip2", [0x42, 0x5a, 0x68]],
  ["xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a]],
  ["unzip", [0x50, 0x4b, 0x03, 0x04]],
];

/** What a file is instead of text, and what to do; nothing if it is text. No text has a zero byte, in an encoding read here. */
function otherThanText(bytes: Buffer): string | undefined {
  const packed = PACKED.find(([, first]) => first.every((byte, at) => bytes[at] === byte));
  if (packed) return `it is compressed; unpack it first, with ${packed[0]}`;
  if (encodingOf(bytes) !== "utf-8" || !bytes.subarray(0, 8_000).includes(0)) return undefined;
  return "it is not text, or UTF-16 without a byte order mark; save it as UTF-8";
}

async function decode(name: string, bytes: Buffer): Promise<string> {
  const encoding = encodingOf(bytes);
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_ENCODING_INVALID_ENCODED_DATA") {
      throw new BadUse(`${quoted(name)} is too large to be read as one text; split it`);
    }
    await note(`${quoted(name)} is not ${encoding.toUpperCase()}; the bytes that cannot be read became U+FFFD`);
    return new TextDecoder(encoding).decode(bytes);
  }
}

/** The place of a call in its source, by the number of the text, the offset and the line that the library gives. */
export function placeOf(sources: readonly Source[], { input, at, line, text, call = text }: Position): Place {
  const source = sources[input]!;
  if (source.from) return source.from;
  const column = at - (startsOf(source)[line - 1] ?? 0) + 1;
  const written = call && source.text.startsWith(call, at);
  return { source, line, column, ...(written && { endColumn: column + call.length }) };
}

/** A call that the library found in one of several texts. */
interface Numbered {
  input: number;
}

/** The answer, with the name of the file, or of the argument, that each call was found in. */
export function withFiles<Answer extends { calls: Numbered[]; unresolved: Numbered[] }>(
  answer: Answer,
  sources: readonly Source[],
): Answer {
  const named = <Call extends Numbered>(call: Call) => ({ ...call, file: sources[call.input]!.name });
  return { ...answer, calls: answer.calls.map(named), unresolved: answer.unresolved.map(named) };
}

/** The place of `name` in a source as a word of its own, behind the first of each of `after`; else the start of the source. */
export function placeOfWord(source: Source, name: string, after: readonly string[] = []): Place {
  const word = new RegExp(`(?<![\\w.])${name.replaceAll(/[^\w]/g, "\\$&")}(?![\\w.])`);
  const start = after.reduce((at, behind) => Math.max(source.text.indexOf(behind, at), at), 0);
  const found = source.text.slice(start).search(word);
  if (found < 0) return { source, line: 1, column: 1 };
  const line = source.text.slice(0, start + found).split("\n").length;
  return placeOf([source], { input: 0, at: start + found, line, text: name });
}

const starts = new WeakMap<Source, number[]>();

/** The start of each line. They are found once, because a text may have a hundred thousand calls or lines. */
function startsOf(source: Source): number[] {
  const known = starts.get(source);
  if (known) return known;
  const found = [0];
  for (let at = source.text.indexOf("\n"); at >= 0; at = source.text.indexOf("\n", at + 1)) found.push(at + 1);
  starts.set(source, found);
  return found;
}

/** The place in the form that terminals and CI link: `src/app.ts:3:7`. An argument has no lines. */
export function where({ source, line, column }: Place): string {
  return source.argument ? source.name : `${source.name}:${line}:${column}`;
}
