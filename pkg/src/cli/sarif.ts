/** SARIF 2.1.0, for the code scanning of CI services. */

import { pathToFileURL } from "node:url";
import { isAbsolute } from "node:path";
import type { Location, Log, ReportingDescriptor, Result } from "sarif";
import { type CatalogueRule, type CatalogueSource, type Severity, catalogue, version } from "xero-m2m/policy";
import { type Place, where } from "./input.js";

const SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/** Rules of the policy file rather than of Xero. */
export const TEAM_RULES = {
  allow: "policy-allow",
  deny: "policy-deny",
} as const;

const OWN: ReportingDescriptor[] = [
  own(TEAM_RULES.allow, "A connection may have only the scopes that the policy file allows."),
  own(TEAM_RULES.deny, "A connection may not have the scopes that the policy file denies."),
];

function own(id: string, text: string): ReportingDescriptor {
  const help = "Take the scope away from the connection, or change the policy file.";
  return { id, shortDescription: { text }, fullDescription: { text }, help: { text: help } };
}

/** One thing to report. */
export interface Report {
  rule: string;
  /** `fact` is a statement, not a problem. */
  severity: Severity | "fact";
  message: string;
  /** Its place; absent if it is about the connection. */
  place?: Place | undefined;
  /** Its subject, for programs. */
  properties?: Record<string, unknown>;
  /** True if a baseline has it, false if that does not; absent without a baseline. */
  old?: boolean;
}

/** The logs as one, with a run for each: they are about different connections. */
export function merged([first, ...others]: readonly Log[]): Log {
  return { ...first!, runs: [first!, ...others].flatMap(({ runs }) => runs) };
}

/** The one run of a command. `category` is a path that no other run of an upload has; `fallback` is where reports about the connection go: code scanning shows none without a place. */
export function log(category: string, reports: readonly Report[], fallback?: Place): Log {
  const rules = [...catalogue.rules.map(descriptor), ...OWN];
  const results = reports.map((report): Result => {
    const place = report.place ?? fallback;
    return {
      ruleId: report.rule,
      ruleIndex: rules.findIndex(({ id }) => id === report.rule),
      ...levels(report.severity),
      message: { text: report.message },
      ...(place && { locations: [locationOf(place)] }),
      ...(report.old !== undefined && { baselineState: report.old ? ("unchanged" as const) : ("new" as const) }),
      ...(report.properties && { properties: report.properties }),
    };
  });
  return {
    $schema: SCHEMA,
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "xero-m2m", semanticVersion: version, rules } },
        automationDetails: { id: `xero-m2m/${category}/` },
        columnKind: "utf16CodeUnits",
        invocations: [{ executionSuccessful: reports.every(({ properties }) => properties?.["kind"] !== "unread") }],
        results,
      },
    ],
  };
}

function levels(severity: Report["severity"]): Pick<Result, "level" | "kind"> {
  if (severity === "fact") return { kind: "informational", level: "none" };
  return { level: severity === "info" ? "note" : severity };
}

function descriptor({ id, text, more, sources, moreSources, confidence, checked }: CatalogueRule): ReportingDescriptor {
  const cited = [...new Set([...sources, ...moreSources])].flatMap((key) => sourceOf(key) ?? []);
  const link = cited.find(({ url }) => url)?.url;
  const names = cited.map(({ title, url }) => (url ? `${title} (${url})` : title));
  const links = cited.map(({ title, url }) => (url ? `[${title}](${url})` : title));
  const help = (from: string[]) => `${[text, more].filter(Boolean).join(" ")}\n\nFrom: ${from.join("; ")}.`;
  return {
    id,
    shortDescription: { text },
    fullDescription: { text: [text, more].filter(Boolean).join(" ") },
    help: { text: help(names), markdown: help(links) },
    ...(link && { helpUri: link }),
    properties: { confidence, checked },
  };
}

function sourceOf(key: string): CatalogueSource | undefined {
  return catalogue.sources.find((source) => source.key === key);
}

function locationOf(place: Place): Location {
  const { source, line, column, endColumn } = place;
  const file = source.from ? source.from.source.file : source.file;
  if (file === undefined) return { logicalLocations: [{ name: where(place) }] };
  const uri = isAbsolute(file) ? pathToFileURL(file).href : file.split("/").map(encodeURIComponent).join("/");
  return {
    physicalLocation: {
      artifactLocation: { uri },
      region: { startLine: line, startColumn: column, ...(endColumn && { endColumn }) },
    },
  };
}
