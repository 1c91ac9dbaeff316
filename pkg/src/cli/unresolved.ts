/** Calls that could not be read or are not in the catalogue, in every format. */

import type { IgnoredLines, RequiredScopes, UnresolvedCall } from "xero-m2m/policy";
import { type Source, placeOf, where } from "./input.js";
import { code } from "./markdown.js";
import type { Page } from "./page.js";
import type { Report } from "./sarif.js";
import { count, some } from "./phrases.js";

/** The kinds of ignored lines that a person may miss, in words for one and for several. */
const IGNORED: [keyof IgnoredLines, string, string?][] = [
  ["otherHosts", "request to other hosts", "requests to other hosts"],
  ["signIn", "token request"],
  ["preflights", "browser preflight"],
  ["descriptions", "description of Xero's API in folders; name a file to have it read", "descriptions of Xero's API in folders; name a file to have it read"],
];

/** The ignored lines that a person may miss, in words; empty if there are none. Prose and code are not mentioned. */
export function ignoredWords(ignored: IgnoredLines): string {
  const words = IGNORED.flatMap(([kind, one, many]) => (ignored[kind] ? [count(ignored[kind], one, many)] : []));
  return words.length ? `Ignored: ${words.join(", ")}.` : "";
}

/** Returns true if a call was found without its method, so that `GET` is assumed. */
export function isAssumed({ assumed }: { assumed?: string }): boolean {
  return assumed === "get";
}

/** Returns true if everything was read, methods included, and no call is known from a recording alone. */
export function isWhole({ calls, unresolved, recorded }: Pick<RequiredScopes, "unresolved" | "recorded"> & { calls: { assumed?: string }[] }): boolean {
  return !unresolved.length && !calls.some(isAssumed) && !recorded?.only;
}

function why({ message, note, times, candidates }: UnresolvedCall): string {
  const often = times > 1 ? `, ${times.toLocaleString("en")} times` : "";
  return `${message}${often}${note ? `: ${note}` : ""}${candidates.length ? `; nearest: ${candidates.join(", ")}` : ""}`;
}

function name(call: UnresolvedCall): string {
  return call.text || "the file";
}

/** The section of a page; nothing if every call is known. */
export function unresolvedSection(
  page: Page,
  calls: readonly UnresolvedCall[],
  sources: readonly Source[],
  most: number,
): void {
  if (!calls.length) return;
  page.section("Not read or not recognised, so the scopes are not known", () => {
    for (const call of calls.slice(0, most)) {
      page.say(`${page.paint.faint(where(placeOf(sources, call)))}  ${page.paint.warn(name(call))}`, "  ");
      page.say(why(call), "      ");
    }
    more(page, calls.length - most, "place");
  });
}

/** Writes the number of those that are not shown. */
export function more(page: Page, left: number, noun: string): void {
  if (left > 0) page.line(page.paint.faint(`  and ${count(left, noun)} more: --all shows all`));
}

/** Items of a Markdown list. */
export function unresolvedItems(calls: readonly UnresolvedCall[], sources: readonly Source[]): string[] {
  return calls.map((call) => {
    const near = call.candidates.length ? `; nearest: ${some(call.candidates.map(code), 3)}` : "";
    const note = call.note ? `: ${call.note}` : "";
    return `${code(name(call))} at ${code(where(placeOf(sources, call)))} ${call.message}${note}${near}`;
  });
}

/** The reports of files and folders that could not be read. */
export function unreadReports(sources: readonly Source[]): Report[] {
  return sources.filter(({ unread }) => unread).map((source) => ({
    rule: "R28",
    severity: "error",
    message: `${source.name} could not be read; its calls are not known`,
    place: { source, line: 1, column: 1 },
    properties: { kind: "unread" },
  }));
}

/** The reports of them. */
export function unresolvedReports(calls: readonly UnresolvedCall[], sources: readonly Source[]): Report[] {
  return calls.map((call) => ({
    rule: "R28",
    severity: "error",
    message: `${name(call)} ${why(call)}; its scopes are not known`,
    place: placeOf(sources, call),
    properties: { kind: "unresolved", why: call.why, candidates: call.candidates, times: call.times },
  }));
}
