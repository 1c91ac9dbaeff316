/**
 * The link to an answer: `#v=1&on=2026-11-24&created=2025-06-01&region=NZ&scopes=a+b&calls=accounting.getInvoices`.
 *
 * Only names of the catalogue go into it, and days: nothing that was pasted. A fragment is not sent to the server.
 */

import type { Asked, WatchedTime } from "./protocol.js";
import type { Index } from "./catalogue.js";

const VERSION = "1";
const APPS = ["web", "pkce", "app"] as const;
const REGIONS = ["AU", "NZ", "UK", "US", "other"] as const;

/** The content of a link. */
export type Linked = Omit<Asked, "authorisingUser">;

/** The fragment for an answer, without its `#`. What the catalogue does not have is left out. */
export function fragment(asked: Asked, index: Index): string {
  const scopes = asked.scopes.filter((scope) => index.scopes.has(scope));
  return Object.entries({
    v: VERSION,
    on: asked.on,
    app: asked.app,
    created: asked.createdOn,
    region: asked.region,
    demo: asked.demo && "yes",
    switch: asked.organisation && "yes",
    scopes: scopes.join("+"),
    calls: asked.calls.join("+"),
    assumed: asked.assumed.join("+"),
    unread: asked.unread > 0 && String(asked.unread),
    recorded: asked.recorded?.operations.join("+"),
    watched: asked.recorded?.watched.map(({ processes, seconds, from, until }) => [processes, seconds, from, until].filter((part) => part !== undefined).join("_")).join("+"),
  })
    .filter(([, value]) => value)
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
}

/** A link as it was read: its content, and the number of things that were left out because the catalogue does not have them. */
export type Read = { linked: Linked; strange: number } | { newer: true } | undefined;

/** Reads a fragment, with or without its `#`; nothing if it is none of ours. */
export function read(hash: string, index: Index): Read {
  const values = new URLSearchParams(hash.replace(/^#/, ""));
  const version = values.get("v");
  if (version === null) return undefined;
  if (version !== VERSION) return { newer: true };
  let strange = 0;
  const known = (name: string, names: ReadonlyMap<string, unknown>): string[] => {
    const all = (values.get(name) ?? "").split(" ").filter(Boolean);
    const some = all.filter((one) => names.has(one));
    strange += all.length - some.length;
    return some;
  };
  const day = (name: string): string | undefined => {
    const value = values.get(name) ?? undefined;
    if (value === undefined || isDay(value)) return value;
    strange++;
    return undefined;
  };
  const recorded = { operations: known("recorded", index.operations), watched: watchedOf(values.get("watched")) };
  // Of a link that was cut it is not known how long they watched.
  if (recorded.operations.length > 0 && recorded.watched.length === 0) recorded.watched.push({ processes: 0, seconds: 0 });
  const createdOn = day("created");
  const on = day("on");
  const region = REGIONS.find((region) => region === values.get("region"));
  if (values.has("region") && !region) strange++;
  const app = APPS.find((app) => app === values.get("app"));
  if (values.has("app") && !app) strange++;
  const linked: Linked = {
    scopes: known("scopes", index.scopes),
    calls: known("calls", index.operations),
    assumed: known("assumed", index.operations),
    unread: /^\d{1,6}$/.test(values.get("unread") ?? "") ? Number(values.get("unread")) : 0,
    on: on ?? "",
    ...(recorded.operations.length + recorded.watched.length > 0 ? { recorded } : {}),
    ...(app ? { app } : {}),
    ...(createdOn ? { createdOn } : {}),
    ...(region ? { region } : {}),
    ...(values.get("demo") === "yes" ? { demo: true } : {}),
    ...(values.get("switch") === "yes" ? { organisation: "switch" } : {}),
  };
  return { linked, strange };
}

/** The time of each recording: `1_3600_2026-11-01_2026-11-30`. */
function watchedOf(text: string | null): WatchedTime[] {
  const all = (text ?? "").split(" ").map((one) => /^(\d{1,9})_(\d{1,12})(?:_([^_]+)_([^_]+))?$/.exec(one));
  return all.flatMap((parts) => {
    if (!parts) return [];
    const [, processes, seconds, from, until] = parts;
    const days = from !== undefined && until !== undefined && isDay(from) && isDay(until) ? { from, until } : {};
    return [{ processes: Number(processes), seconds: Number(seconds), ...days }];
  });
}

function isDay(text: string): boolean {
  const at = new Date(`${text}T00:00:00Z`);
  return /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}
