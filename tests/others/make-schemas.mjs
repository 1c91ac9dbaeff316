// Writes schemas.json from Xero's own OpenAPI files: node make-schemas.mjs FOLDER. The files are those of Xero's repository
// Xero-OpenAPI, under the MIT licence in schemas.LICENSE. Descriptions and examples are left out.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

/** The files, by the names that the catalogue has for the APIs. */
const FILES = {
  accounting: "xero_accounting.yaml",
  appStore: "xero-app-store.yaml",
  assets: "xero_assets.yaml",
  bankFeeds: "xero_bankfeeds.yaml",
  files: "xero_files.yaml",
  finance: "xero-finance.yaml",
  identity: "xero-identity.yaml",
  payrollAu: "xero-payroll-au.yaml",
  payrollAuV2: "xero-payroll-au-v2.yaml",
  payrollNz: "xero-payroll-nz.yaml",
  payrollUk: "xero-payroll-uk.yaml",
  projects: "xero-projects.yaml",
};
const METHODS = ["get", "put", "post", "patch", "delete"];
const KEPT = ["type", "format", "enum", "items", "properties", "required", "allOf", "anyOf", "oneOf", "nullable", "maxItems", "minItems"];

const folder = process.argv[2];
const out = {};
for (const [api, file] of Object.entries(FILES)) {
  const spec = parse(readFileSync(join(folder, file), "utf8"));
  const base = new URL(spec.servers[0].url).pathname.replace(/\/$/, "");
  const bodyOf = ({ content } = {}) => content?.["application/json"]?.schema;
  const resolved = (part) => (part?.$ref ? part.$ref.slice(2).split("/").reduce((at, name) => at[name], spec) : part);
  const operations = [];
  for (const [path, item] of Object.entries(spec.paths)) {
    for (const method of METHODS.filter((method) => item[method])) {
      const { operationId, responses, requestBody, parameters = [] } = item[method];
      const answers = Object.entries(responses).map(([status, answer]) => [status, compact(bodyOf(resolved(answer)))]);
      const all = [...(item.parameters ?? []), ...parameters].map(resolved);
      const values = all.map(({ name, in: place, required, schema }) => [name, place, Boolean(required), compact(schema)]);
      const body = compact(bodyOf(resolved(requestBody)));
      operations.push({ id: operationId, method: method.toUpperCase(), path: base + path, answers: Object.fromEntries(answers.filter(([, schema]) => schema)), body, values });
    }
  }
  const schemas = Object.fromEntries(Object.entries(spec.components.schemas).map(([name, schema]) => [name, compact(schema)]));
  out[api] = { version: spec.info.version, schemas, operations };
}
const lines = Object.entries(out).map(([api, { version, schemas, operations }]) => {
  const rows = operations.map((row) => JSON.stringify(row)).join(",\n");
  const named = Object.entries(schemas).map(([name, schema]) => `${JSON.stringify(name)}:${JSON.stringify(schema)}`).join(",\n");
  return `"${api}":{"version":"${version}","schemas":{\n${named}\n},"operations":[\n${rows}\n]}`;
});
writeFileSync(new URL("schemas.json", import.meta.url), `{\n${lines.join(",\n")}\n}\n`);

/** A schema without words and examples. */
function compact(schema) {
  if (!schema || typeof schema !== "object") return undefined;
  if (schema.$ref) return { $ref: schema.$ref.replace("#/components/schemas/", "#/") };
  const kept = {};
  for (const key of KEPT) {
    const value = schema[key];
    if (value === undefined) continue;
    if (key === "properties") kept[key] = Object.fromEntries(Object.entries(value).map(([name, member]) => [name, compact(member)]));
    else if (key === "items") kept[key] = compact(value);
    else if (Array.isArray(value) && value.some((part) => typeof part === "object")) kept[key] = value.map(compact);
    else kept[key] = value;
  }
  return kept;
}
