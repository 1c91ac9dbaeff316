/**
 * Patterns of paths and names. All readings of a pattern are followed at once, without going back, so that no pattern takes
 * longer than its length times that of the text.
 */

type Test = (char: string) => boolean;

/** A place in a pattern. A character that passes the test leads to the next place, or stays here. */
interface State {
  test?: Test;
  stays?: boolean;
  /** Places that are reached from here without a character. */
  jumps?: number[];
}

const isAny: Test = () => true;
const isSlash: Test = (char) => char === "/";
const isNoSlash: Test = (char) => char !== "/";

/** Returns true if a text matches the pattern. */
export type Fits = (text: string) => boolean;

/** Longer patterns are refused: no path is as long. */
export const MOST_PATTERN = 4096;

/** The special characters of a pattern. */
interface Syntax {
  /** `{a,b}` stands for one of several. Default: true. */
  braces?: boolean;
}

/**
 * A pattern of paths with `/` between names: `*` stands for any characters of a name, `?` for one, `[a-z]` for one of those,
 * `[!a-z]` for one of the others, `{a,b}` for one of several, `**` as a whole name for any number of folders; behind `\` every
 * character stands for itself.
 */
export function pathPattern(pattern: string, { braces = true }: Syntax = {}): Fits {
  const chars = [...pattern];
  const states: State[] = [];
  const lists = braces ? listsOf(chars) : new Map<number, string>();
  let at = 0;

  function star(): void {
    const first = at - 1;
    while (chars[at] === "*") at++;
    const isFirst = first === 0 || "/{,".includes(chars[first - 1]!);
    const here = states.length;
    if (at - first < 2 || !isFirst || (at < chars.length && chars[at] !== "/")) {
      states.push({ test: isNoSlash, stays: true, jumps: [here + 1] });
    } else if (at < chars.length) {
      at++;
      // Any number of names, each with the slash behind it.
      states.push({ jumps: [here + 1, here + 5] }, { test: isNoSlash });
      states.push({ test: isNoSlash, stays: true, jumps: [here + 3] }, { test: isSlash }, { jumps: [here] });
    } else {
      states.push({ test: isAny, stays: true, jumps: [here + 1] });
    }
  }

  function list(): void {
    const starts: number[] = [];
    const ends: State[] = [];
    states.push({ jumps: starts });
    do {
      starts.push(states.length);
      sequence();
      const end: State = {};
      ends.push(end);
      states.push(end);
    } while (lists.get(at++) === ",");
    for (const end of ends) end.jumps = [states.length];
  }

  /** Reads on to the next comma or the end of a list, or to the end of the pattern. */
  function sequence(): void {
    while (at < chars.length && !",}".includes(lists.get(at) ?? "none")) {
      const char = chars[at++]!;
      const end = char === "[" ? endOfClass(chars, at) : -1;
      if (char === "*") star();
      else if (char === "?") states.push({ test: isNoSlash });
      else if (end > 0) {
        states.push({ test: classOf(chars.slice(at, end)) });
        at = end + 1;
      } else if (lists.has(at - 1)) list();
      else {
        const own = char === "\\" && at < chars.length ? chars[at++]! : char;
        states.push({ test: (other) => other === own });
      }
    }
  }

  sequence();
  return (text) => passes(states, text);
}

/** A pattern of names, in which `*` stands for any characters and nothing else is special. */
export function namePattern(pattern: string): Fits {
  const chars = [...pattern].filter((char, at, all) => char !== "*" || all[at - 1] !== "*");
  const states = chars.map((own, place): State => {
    return own === "*" ? { test: isAny, stays: true, jumps: [place + 1] } : { test: (char) => char === own };
  });
  return (text) => passes(states, text);
}

/** Returns true if a path has special characters of a pattern in it. */
export function isPattern(path: string): boolean {
  return firstSpecial([...path]) >= 0;
}

/** The folder that a pattern begins with, as it is, and the pattern below it. */
export function splitPattern(pattern: string): { base: string; glob: string } {
  const chars = [...pattern];
  const start = chars.lastIndexOf("/", firstSpecial(chars)) + 1;
  const base = chars.slice(0, start).join("");
  return { base: base.replace(/\\(.)/g, "$1"), glob: chars.slice(start).join("") };
}

/** The position of the first special character; -1 if there is none. */
function firstSpecial(chars: readonly string[]): number {
  const lists = listsOf(chars);
  return chars.findIndex((char, at) => {
    if (chars[at - 1] === "\\") return false;
    return char === "*" || char === "?" || lists.has(at) || (char === "[" && endOfClass(chars, at + 1) > 0);
  });
}

function passes(states: readonly State[], text: string): boolean {
  let now = new Set<number>();
  reach(states, now, 0);
  for (const char of text) {
    const next = new Set<number>();
    for (const place of now) {
      const state = states[place];
      if (state?.test?.(char)) reach(states, next, state.stays ? place : place + 1);
    }
    if (!next.size) return false;
    now = next;
  }
  return now.has(states.length);
}

/** Adds a place, and all that are reached from it without a character. */
function reach(states: readonly State[], found: Set<number>, place: number): void {
  const open = [place];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    open.push(...(states[next]?.jumps ?? []));
  }
}

/** The positions of the braces and commas of lists: of braces that close and have a comma between them. */
function listsOf(chars: readonly string[]): Map<number, string> {
  const lists = new Map<number, string>();
  const open: number[][] = [];
  for (let at = 0; at < chars.length; at++) {
    const char = chars[at]!;
    const end = char === "[" ? endOfClass(chars, at + 1) : -1;
    if (end > 0) at = end;
    else if (char === "\\") at++;
    else if (char === "{") open.push([at]);
    else if (char === ",") open.at(-1)?.push(at);
    else if (char === "}") {
      const marks = [...(open.pop() ?? []), at];
      if (marks.length > 2) for (const mark of marks) lists.set(mark, chars[mark]!);
    }
  }
  return lists;
}

/** The position where the bracket that opened before `at` closes; -1 if it does not close in this name. */
function endOfClass(chars: readonly string[], at: number): number {
  const first = chars[at] === "!" || chars[at] === "^" ? at + 1 : at;
  for (let end = first; end < chars.length && chars[end] !== "/"; end++) {
    if (chars[end] === "]" && end > first) return end;
  }
  return -1;
}

/** The test of the characters between brackets. */
function classOf(chars: readonly string[]): Test {
  const isOther = chars[0] === "!" || chars[0] === "^";
  const ranges: [string, string][] = [];
  for (let at = isOther ? 1 : 0; at < chars.length; at++) {
    const from = chars[at]!;
    const isRange = chars[at + 1] === "-" && at + 2 < chars.length;
    if (isRange) at += 2;
    ranges.push([from, chars[at]!]);
  }
  return (char) => char !== "/" && ranges.some(([from, to]) => from <= char && char <= to) !== isOther;
}
