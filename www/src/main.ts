/** The page: its form, and the questions to its worker. */

import { Refused, WorkerClient } from "./worker-client.js";
import { count, guard } from "./input-guard.js";
import { type Index, indexed } from "./catalogue.js";
import { type Child, byId, fill, h } from "./dom.js";
import { type Linked, fragment, read } from "./link.js";
import type { Answer, Facts, Question, Trace, WatchedTime } from "./protocol.js";
import { explain } from "./popover.js";
import { picker } from "./picker.js";
import { KINDS, type Kind, type Sieved, sieve } from "./secrets.js";
import { TERMS, type Term } from "./terms.js";
import { isAsked, view } from "./view/index.js";
import { type Context, citedBy, inWords, linked, name, names, prose } from "./view/parts.js";
import { ignoredLines } from "./view/unresolved.js";
import { counted, day, instant, listed, today } from "./format.js";

/** The pause of the user after which the answer is worked out, and after which it is read aloud, in milliseconds. */
const PAUSE = 80;
const PAUSE_ALOUD = 900;

const scopes = byId<HTMLTextAreaElement>("scopes");
const calls = byId<HTMLTextAreaElement>("calls");
const app = byId<HTMLSelectElement>("app");
const created = byId<HTMLInputElement>("created");
const region = byId<HTMLSelectElement>("region");
const user = byId<HTMLInputElement>("user");
const sender = byId<HTMLInputElement>("sender");
const on = byId<HTMLInputElement>("on");
const demo = byId<HTMLInputElement>("demo");
const switches = byId<HTMLInputElement>("switch");
const file = byId<HTMLInputElement>("file");
const form = byId<HTMLFormElement>("question");
const place = byId("answer");

const worker = new WorkerClient();
let index: Index;
/** Updates the ticks of the picker from the box of calls. */
let tick = (): void => {};
let traces: Trace[] = [];
let taken: Record<string, string> = {};
let choice = 0;
/** The secrets that were cut out since the boxes were last emptied. */
let removed = new Map<Kind, number>();

// Asking: one question at a time, and the newest next.

let asking = false;
let stale = false;
let pause: number | undefined;

function changed(): void {
  tick();
  // The address must not describe an answer that the page no longer shows.
  if (location.hash.includes("v=")) history.replaceState(null, "", location.pathname + location.search);
  place.setAttribute("aria-busy", "true");
  clearTimeout(pause);
  pause = setTimeout(ask, PAUSE);
}

async function ask(): Promise<void> {
  pause = undefined;
  if (asking) {
    stale = true;
    return;
  }
  const question = asked();
  asking = true;
  try {
    if (question) show(await worker.answer(question));
  } catch (why) {
    refused(why);
  }
  asking = false;
  place.setAttribute("aria-busy", String(stale || pause !== undefined));
  if (!stale) return;
  stale = false;
  await ask();
}

/** Shows why there is no answer; beside its box too, if it is about the day of creation. */
function refused(why: unknown): void {
  const words = why instanceof Refused ? why.message : "something is wrong with this page";
  const isDay = words.startsWith("createdOn ");
  const said = words.replace("createdOn ", "Created on ");
  if (isDay) fill(byId("created-said"), h("p", { class: "wrong" }, `${said}.`));
  created.setAttribute("aria-invalid", String(isDay));
  fill(place, h("p", { class: "notice", role: "alert" }, `There is no answer: ${said}.`));
}

/** The question of the form; nothing if a day cannot be read. */
function asked(): Question | undefined {
  const bad = (input: HTMLInputElement, note: string): boolean => {
    const wrong = input.validity.badInput || input.validity.valueMissing;
    const words = input.validity.badInput ? "There is no such day." : wrong ? "An answer needs a day." : "";
    fill(byId(note), words && h("p", { class: "wrong" }, words));
    input.setAttribute("aria-invalid", String(wrong));
    return wrong;
  };
  const wrong = [bad(created, "created-said"), bad(on, "on-said")];
  if (wrong.includes(true)) {
    fill(place, h("p", { class: "notice" }, "A day in the form cannot be read, so there is no answer."));
    return undefined;
  }
  return {
    scopes: scopes.value,
    calls: calls.value,
    traces,
    taken,
    choice,
    on: on.value,
    ...(app.value ? { app: app.value as NonNullable<Facts["app"]> } : {}),
    ...(created.value ? { createdOn: created.value } : {}),
    ...(region.value ? { region: region.value as NonNullable<Facts["region"]> } : {}),
    ...(demo.checked ? { demo: true } : {}),
    ...(switches.checked ? { organisation: "switch" } : {}),
    ...(user.value.trim() ? { authorisingUser: user.value.trim() } : {}),
    ...(sender.value.trim() ? { sender: sender.value.trim() } : {}),
  };
}

// Showing.

function show(answer: Answer): void {
  const states = new Map([...place.querySelectorAll<HTMLDetailsElement>("details[data-key]")].map((part) => [part.dataset["key"], part.open]));
  const context: Context = {
    index,
    say,
    take(text, key) {
      const { [text]: _, ...rest } = taken;
      taken = key === undefined ? rest : { ...rest, [text]: key };
      returnTo = "unresolved-title";
      changed();
    },
    choose(next) {
      choice = next;
      returnTo = "smallest-title";
      changed();
    },
    link() {
      history.replaceState(null, "", `#${fragment(answer.asked, index)}`);
      return location.href;
    },
    load(example) {
      reset({ texts: [example.scopes, example.calls], createdOn: example.createdOn, region: example.region });
      turn("answer");
      place.focus({ preventScroll: true });
      scrollTo(0, 0);
      changed();
    },
    pick() {
      turn("question");
      byId<HTMLDetailsElement>("picker").open = true;
      byId("topics").querySelector("input")?.focus();
    },
  };
  fill(place, ...view(answer, context));
  for (const part of place.querySelectorAll<HTMLDetailsElement>("details[data-key]")) {
    part.open = states.get(part.dataset["key"]) ?? part.open;
  }
  if (returnTo) (document.getElementById(returnTo) ?? place).focus({ preventScroll: true });
  returnTo = undefined;
  fill(byId("scopes-said"), ...aboutScopes(answer));
  fill(byId("calls-said"), ...aboutCalls(answer));
  fill(byId("traces"), ...traces.map(traced));
  const short = isAsked(answer) ? answer.verdict : "";
  fill(byId("peek"), short && h("a", { href: "#answer", "data-jump": "answer" }, h("strong", {}, short), " See the answer"));
  aloud(answer);
}

/** On a narrow screen the question or the answer is shown, on a wide one both. */
function turn(to: "question" | "answer"): void {
  document.body.dataset["view"] = to;
}

/** The element that gets the focus after the next answer, if its button was part of the last one. */
let returnTo: string | undefined;

function aboutScopes({ parsed }: Answer): Child[] {
  const { unknown, duplicates, denied = [] } = parsed;
  const left = [...new Set(denied.map((item) => item.name))];
  const leftOut = left.length > 0 && h("p", { class: "wrong" }, `Left out, because the text calls it removed, refused or missing: ${left.join(", ")}.`);
  if (parsed.scopes.length === 0 && leftOut) return [leftOut];
  if (parsed.scopes.length === 0) return scopes.value.trim() ? [h("p", { class: "wrong" }, "No scope was found in this text.")] : [];
  return [
    h(
      "p",
      {},
      counted(parsed.scopes.length, "scope"),
      duplicates.length > 0 && `; ${duplicates.length === 1 ? "one is" : `${duplicates.length} are`} written twice`,
      ".",
    ),
    leftOut,
    ...unknown.slice(0, 20).map(({ text, at, suggestion }) =>
      h(
        "p",
        { class: "wrong" },
        name(text.slice(0, 80)),
        " is not in the catalogue.",
        suggestion && [" ", h("button", { type: "button", class: "small", click: () => correct(text, at, suggestion) }, "Use ", name(suggestion))],
      ),
    ),
    unknown.length > 20 && h("p", { class: "wrong" }, `And ${unknown.length - 20} more names that are not in the catalogue.`),
  ];

  /** Puts a scope in the place of a name: where that stands as such, else the names are written anew. */
  function correct(text: string, at: number, suggestion: string): void {
    if (scopes.value.startsWith(text, at)) scopes.setRangeText(suggestion, at, at + text.length, "end");
    else scopes.value = parsed.scopes.map((scope) => (scope === text ? suggestion : scope)).join("\n");
    scopes.focus();
    say(`${suggestion} put in`);
    changed();
  }
}

function aboutCalls(answer: Answer): Child[] {
  const { asked, found, unresolved } = answer;
  const ignored = ignoredLines(answer);
  if (!calls.value.trim() && traces.length === 0) return [];
  if (found.length + unresolved.length === 0) return [h("p", { class: "wrong" }, `No call was found in this text. ${ignored}`)];
  const times = found.reduce((sum, call) => sum + call.times, 0);
  return [
    h("p", {}, `${times > 0 ? `${counted(times, "call")} of ${counted(asked.calls.length, "operation")}. ` : ""}${ignored}`),
    unresolved.length > 0 &&
      h("p", { class: "wrong" }, `${counted(unresolved.length, "call is", "calls are")} not known: `, h("a", { href: "#unresolved", "data-jump": "unresolved-title" }, `choose what ${unresolved.length === 1 ? "it stands" : "they stand"} for`), "."),
  ];
}

function traced(trace: Trace): HTMLElement {
  const times = trace.calls.reduce((sum, call) => sum + call.times, 0);
  const drop = (): void => {
    traces = traces.filter((other) => other !== trace);
    calls.focus();
    changed();
  };
  return h("li", {}, h("span", {}, trace.name), ` ${counted(times, "call")} `, h("button", { type: "button", class: "small", click: drop }, "Leave out ", h("span", { class: "away" }, trace.name)));
}

let speaking: number | undefined;

function say(words: string): void {
  clearTimeout(speaking);
  fill(byId("announced"), words);
}

function aloud(answer: Answer): void {
  clearTimeout(speaking);
  const { plan, findings } = answer;
  if (!isAsked(answer)) return;
  const doors = plan?.oneWayDoors.length ?? 0;
  const errors = findings.filter((finding) => finding.severity === "error").length;
  const words = [`${answer.verdict}.`, errors > 0 && `${counted(errors, "error")}.`, doors > 0 && `${counted(doors, "change")} cannot be undone.`];
  speaking = setTimeout(() => say(words.filter(Boolean).join(" ")), PAUSE_ALOUD);
}

// Input.

function cut(sieved: Sieved, box: HTMLElement): void {
  count(removed, sieved.removed);
  const kinds = [...removed].map(([kind, times]) => counted(times, ...KINDS[kind]));
  const lines: Child[] = sieved.tokens.map(({ scopes: granted, expiresAt }) => {
    const use = (): void => {
      scopes.value = granted.join("\n");
      scopes.focus();
      changed();
    };
    const end = expiresAt === undefined ? "" : `It ${expiresAt < Date.now() ? "expired" : "expires"} on ${instant(expiresAt)}.`;
    if (granted.length === 0) return h("p", {}, `The token names no scopes. ${end}`);
    if (box === scopes) scopes.value = `${scopes.value.trim()}\n${granted.join("\n")}`.trim();
    return h("p", {}, "The token has ", ...names(granted), `. ${end} `, box !== scopes && h("button", { type: "button", class: "small", click: use }, "Use these scopes"));
  });
  const place = byId("removed");
  fill(
    place,
    h("p", {}, h("strong", {}, `Removed: ${listed(kinds)}.`), " It was not kept. If it is in use and you pasted it anywhere else, replace it."),
    ...lines,
  );
  place.hidden = false;
  say(`Removed from the box: ${listed(kinds)}`);
}

function notice(words: string): void {
  fill(byId("notice"), words && h("p", {}, words));
  byId("notice").hidden = words === "";
  if (words) say(words);
}

let reading = Promise.resolve();

/** Reads files or long texts, one after the other. */
function take(sources: [Blob | string, string][]): void {
  for (const [source, title] of sources) reading = reading.then(() => trace(source, sieve(title).text || "a file"));
}

async function trace(source: Blob | string, title: string): Promise<void> {
  const bar = byId<HTMLProgressElement>("progress");
  const words = byId("reading-text");
  byId("reading").hidden = false;
  bar.value = 0;
  words.textContent = `Reading ${title}`;
  say(`Reading ${title}`);
  try {
    const found = await worker.trace(source, title, (part) => {
      if (part < 1) bar.value = part;
      else {
        bar.removeAttribute("value");
        words.textContent = `Looking for calls in ${title}`;
      }
    });
    traces = [...traces, found];
    changed();
  } catch (why) {
    notice(`${title} was not read: ${why instanceof Refused ? why.message : "something is wrong with this page"}.`);
  }
  byId("reading").hidden = true;
}

/** Empties the form, or fills it with these values. */
function reset(given: Partial<Linked & { texts: [string, string] }> = {}): void {
  [scopes.value, calls.value] = given.texts ?? [given.scopes?.join("\n") ?? "", written(given).join("\n")];
  app.value = given.app ?? "";
  created.value = given.createdOn ?? "";
  region.value = given.region ?? "";
  demo.checked = given.demo ?? false;
  switches.checked = given.organisation !== undefined;
  byId<HTMLDetailsElement>("more").open = demo.checked || switches.checked;
  user.value = "";
  sender.value = "";
  on.value = given.on || today();
  [traces, taken, choice, removed] = [before(given), {}, 0, new Map()];
  byId("removed").hidden = true;
  notice("");
  tick();
}

/** The calls of a link as they are put into the box: by their keys, and those whose method is assumed by their paths. */
function written({ calls = [], assumed = [], recorded }: Partial<Linked>): string[] {
  // Those of a recording stay with it.
  const typed = calls.filter((key) => !recorded?.operations.includes(key));
  const paths = typed.map((key) => (assumed.includes(key) ? (index.operations.get(key)?.path ?? key) : key));
  return [...new Set(paths)];
}

/** What a link knows of the texts that it was made from: the number of places that were not read, and the recordings. */
function before({ unread = 0, recorded }: Partial<Linked>): Trace[] {
  const ignored = { blank: 0, comments: 0, otherHosts: 0, signIn: 0, preflights: 0, descriptions: 0, other: 0 };
  const none = { calls: [], unresolved: [], ignored };
  const open = { ...none, name: `What was not read where this link was made (${counted(unread, "place")})`, unread };
  const ran = (watched: WatchedTime, at: number): Trace => ({
    ...none,
    name: "A recording that this link was made from",
    calls: at === 0 ? (recorded?.operations ?? []).map((key) => ({ text: key, input: 0, at: 0, line: 1, operations: [key], ambiguous: false, recorded: true, times: 1 })) : [],
    recorded: { recordings: 1, only: 0, watched },
  });
  return [...(unread ? [open] : []), ...(recorded?.watched ?? []).map(ran)];
}

/** Fills the form with what the link in the address bar carries, if there is one. */
function open(): void {
  const link = read(location.hash, index);
  if (!link) return;
  if ("newer" in link) {
    notice("This link was made by another version of this page, which this one cannot read.");
    return;
  }
  reset(link.linked);
  turn("answer");
  if (link.strange > 0) notice(`${counted(link.strange, "thing")} in this link ${link.strange === 1 ? "is" : "are"} not known here and left out.`);
}

// Listening.

for (const [box, mark] of [[scopes, ""], [calls, "{removed}"], [user, ""], [sender, ""]] as const) {
  const long = box === calls ? { long: (text: string) => take([[text, text.trimStart().startsWith("{") ? "Pasted HAR file" : "Pasted text"]]) } : {};
  guard(box, mark, { removed: cut, ...long }, () => {
    if (box === calls) choice = 0;
    changed();
  });
}
for (const input of [app, created, on, region, demo, switches]) input.addEventListener("input", changed);
// A day that is left half written is no day, but no input either.
for (const input of [created, on]) input.addEventListener("blur", () => input.validity.badInput && changed());
file.addEventListener("change", () => {
  take([...(file.files ?? [])].map((one) => [one, one.name]));
  file.value = "";
});
form.addEventListener("submit", (event) => event.preventDefault());
document.addEventListener("dragover", (event) => {
  const brings = event.dataTransfer?.types.includes("Files") ?? false;
  if (brings) event.preventDefault();
  form.classList.toggle("over", brings);
});
document.addEventListener("dragleave", () => form.classList.remove("over"));
document.addEventListener("drop", (event) => {
  form.classList.remove("over");
  const files = [...(event.dataTransfer?.files ?? [])];
  if (files.length === 0) return;
  event.preventDefault();
  take(files.map((one) => [one, one.name]));
});
byId("clear").addEventListener("click", () => {
  reset();
  turn("question");
  scopes.focus();
  say("Cleared");
  changed();
});
// Links within the page move the focus and leave the address alone: its fragment is for answers.
document.addEventListener("click", (event) => {
  const jump = (event.target as Element).closest<HTMLElement>("[data-jump]");
  const target = jump && document.getElementById(jump.dataset["jump"] ?? "");
  if (!target) return;
  event.preventDefault();
  if (target === place) turn("answer");
  const folds = target.closest("details");
  if (folds) folds.open = true;
  target.focus({ preventScroll: true });
  target.scrollIntoView({ block: "start" });
});
document.addEventListener("click", (event) => {
  if (!(event.target as Element).closest("[data-edit]")) return;
  turn("question");
  scopes.focus();
});
explain((button) => {
  const cited = citedBy(button);
  if (!cited) return [h("p", {}, TERMS[button.dataset["term"] as Term])];
  const { rule, source, confidence } = cited;
  return [h("p", {}, h("strong", {}, rule), " ", ...prose(index.rules.get(rule)?.text ?? "", index)), h("p", { class: "beside" }, linked(source), ` · ${inWords(confidence)}`)];
});
// Folded parts are on paper too.
let unfolded: HTMLDetailsElement[] = [];
addEventListener("beforeprint", () => {
  unfolded = [...place.querySelectorAll<HTMLDetailsElement>(".folds > details:not([open])")];
  for (const part of unfolded) part.open = true;
});
addEventListener("afterprint", () => {
  for (const part of unfolded) part.open = false;
});
addEventListener("hashchange", () => {
  if (!index) return;
  open();
  void ask();
});

on.value = today();
try {
  const catalogue = await worker.ready;
  index = indexed(catalogue);
  tick = picker(catalogue.topics, index, calls, () => {
    choice = 0;
    changed();
  });
  fill(byId("version"), `Catalogue of ${day(index.version)}.`);
  open();
  await ask();
} catch (why) {
  refused(why);
}
