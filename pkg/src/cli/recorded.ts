/** Recordings beside code, as `check` writes them. */

import { type ComparedUsage, type ResolvedCall, compareUsage } from "xero-m2m/policy";
import { BadUse } from "./bad-use.js";
import { type Source, placeOf, readSources, textsOf, where } from "./input.js";
import { code, document, under } from "./markdown.js";
import type { Page } from "./page.js";
import { count } from "./phrases.js";
import { quoted } from "./redact.js";
import { more } from "./unresolved.js";

/** The recordings at some paths. */
export async function recordings(paths: readonly string[] = []): Promise<Source[]> {
  const sources: Source[] = [];
  for (const path of paths) sources.push(...(await readSources(path)));
  for (const source of sources) {
    if (!compareUsage([source.text]).recordings) {
      throw new BadUse(`${quoted(source.name)} is no recording; xero-m2m record makes one`);
    }
  }
  return sources;
}

/** The comparison, if there are recordings among the texts and something to compare them with. */
export function comparedWith(sources: readonly Source[], paths: readonly string[] | undefined): ComparedUsage | undefined {
  // Only the library knows recordings for sure; a text without the word is none.
  if (!paths && !sources.some(({ text }) => text.includes("xeroUsage"))) return undefined;
  const compared = compareUsage(textsOf(sources));
  return compared.recordings && compared.recordings < sources.length ? compared : undefined;
}

/** The comparison with the names of files. */
export function comparedJson(compared: ComparedUsage, sources: readonly Source[]): unknown {
  const named = <Call extends { input: number }>(call: Call) => ({ ...call, file: sources[call.input]!.name });
  const { notRun, notRead, notKnown } = compared;
  return { ...compared, notRun: notRun.map(named), notRead: notRead.map(named), notKnown: notKnown.map(named) };
}

const NOT_RUN = "In the code, and no run has shown it: a test is missing";
const NOT_READ = "Ran, and reading the code did not find it";
const NOT_KNOWN = "Ran, and is no operation of the catalogue";

/** A summary of the comparison in one sentence. */
function summary(compared: ComparedUsage): string {
  const { shown, notRun } = compared;
  return `${watchedWords(compared)}: ${shown} of ${count(shown + notRun.length, "call")} in the code ran.`;
}

/** The recordings, and the time that they watched. */
function watchedWords({ recordings, watched }: ComparedUsage): string {
  const { processes, seconds, from, until } = watched;
  const days = from === undefined ? "" : from === until ? ` on ${from}` : ` from ${from} to ${until}`;
  const hours = seconds < 3_600 ? `${Math.floor(seconds / 60)} min` : `${Math.floor(seconds / 3_600)} h`;
  return `${count(recordings, "recording")}, which watched ${processes === 1 ? "1 process" : `${processes} processes`} for ${hours}${days}`;
}

/** Writes the comparison as text. */
export function recordedSections(page: Page, compared: ComparedUsage, sources: readonly Source[], most: number): void {
  const { warn, faint } = page.paint;
  page.section("Recorded", () => page.say(summary(compared), "  "));
  const list = (title: string, calls: readonly ResolvedCall[], times: boolean) => {
    if (!calls.length) return;
    page.section(title, () => {
      for (const call of calls.slice(0, most)) {
        page.say(`${faint(where(placeOf(sources, call)))}  ${warn(call.text)}${times ? ` (${count(call.times, "call")})` : ""}`, "  ");
      }
      more(page, calls.length - most, "call");
    });
  };
  list(NOT_RUN, compared.notRun, false);
  list(NOT_READ, compared.notRead, true);
  if (compared.notKnown.length) {
    page.section(NOT_KNOWN, () => {
      for (const place of compared.notKnown) page.say(`${place.text} (${count(place.times, "call")})`, "  ");
    });
  }
}

/** The comparison as Markdown. */
export function recordedMarkdown(compared: ComparedUsage, sources: readonly Source[]): string {
  const item = (call: ResolvedCall) => `${code(call.text)} ${code(where(placeOf(sources, call)))}`;
  return document(
    `**Recorded:** ${summary(compared)}`,
    under(NOT_RUN, compared.notRun.map(item)),
    under(NOT_READ, compared.notRead.map(item)),
    under(NOT_KNOWN, compared.notKnown.map(({ text, times }) => `${code(text)} (${count(times, "call")})`)),
  );
}
