// The judge of answers: by Xero's own schemas, and by the forms of Xero's refusals.

import { readFileSync } from "node:fs";
import Ajv from "ajv";

const APIS = JSON.parse(readFileSync(new URL("schemas.json", import.meta.url), "utf8"));

/** Words for the quality of an answer, the worst last. */
export const VERDICTS = ["real", "shape", "refused", "501", "invalid"];

/** Operations whose schema is that of another record, as their own examples in the specification show. */
const WRONG = ["deleteTimesheet", "deleteTimesheetLine", "deleteCreditNoteAllocations", "deleteOverpaymentAllocations", "deletePrepaymentAllocations"];

const ajv = new Ajv({ strict: false, allErrors: false, validateFormats: false });
const operations = Object.entries(APIS).flatMap(([api, { schemas, operations }]) =>
  operations.map((operation) => ({ ...operation, api, schemas, parts: operation.path.toLowerCase().split("/") })),
);
const compiled = new Map();

/** The operations with this method and path, those with fewest parameters first. */
export function operationsOf(method, path) {
  const parts = path.toLowerCase().replace(/\/$/, "").split("/");
  const fits = (own, at) => own === parts[at] || (own.startsWith("{") && parts[at] !== "");
  return operations
    .filter((operation) => operation.method === method && operation.parts.length === parts.length && operation.parts.every(fits))
    .sort((a, b) => a.path.split("{").length - b.path.split("{").length);
}

/** Returns the verdict about an answer, and the reason if it is invalid. */
export function judge({ method, path, status, headers, text }) {
  const marked = headers["x-local-xero"];
  if (status === 501) return marked ? ["501"] : ["invalid", "a 501 without X-Local-Xero"];
  if (status >= 500) return ["invalid", `status ${status}`];
  if (status >= 400) return refusal(status, path, text);
  const quality = /shape/i.test(marked ?? "") ? "shape" : "real";
  const candidates = operationsOf(method, path);
  if (!candidates.length || status === 204 || status === 304) return [quality];
  const reasons = candidates.map((operation) => fault(operation, status, headers, text));
  return reasons.includes(undefined) ? [quality] : ["invalid", reasons[0]];
}

function fault(operation, status, headers, text) {
  const schema = operation.answers[status] ?? operation.answers["200"] ?? operation.answers["201"];
  const isJson = /json/.test(headers["content-type"] ?? "");
  if (!schema || WRONG.includes(operation.id)) return undefined;
  if (!isJson) return /xml|pdf|octet|image|text/.test(headers["content-type"] ?? "") ? undefined : "no JSON";
  let body;
  try {
    body = JSON.parse(text);
  } catch {
    return "JSON that cannot be parsed";
  }
  const key = `${operation.api} ${operation.id} ${status}`;
  if (!compiled.has(key)) {
    const definitions = Object.fromEntries(Object.entries(operation.schemas).map(([name, own]) => [name, prepared(own)]));
    compiled.set(key, ajv.compile({ ...prepared(schema), definitions }));
  }
  const validate = compiled.get(key);
  if (validate(body)) return undefined;
  const [{ instancePath, message }] = validate.errors;
  return `${instancePath.replaceAll(/\d+/g, "n")} ${message}`;
}

/** A schema of OpenAPI 3.0 as JSON Schema. Xero sends null for members that are not set. */
function prepared(schema) {
  if (Array.isArray(schema)) return schema.map(prepared);
  if (typeof schema !== "object" || schema === null) return schema;
  const { nullable, format, ...rest } = schema;
  // Its alternatives for the category of National Insurance leave out A, the usual one.
  delete rest.oneOf;
  // The specification requires members that it does not describe, such as `name` beside `Name`.
  if (rest.required && rest.properties) rest.required = rest.required.filter((name) => name in rest.properties);
  const out = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, key === "required" || key === "enum" ? value : prepared(value)]));
  if (out.$ref) return { $ref: out.$ref.replace("#/", "#/definitions/") };
  if (nullable) return { anyOf: [out, { type: "null" }] };
  return out;
}

/** A refusal has one of Xero's forms: the accounting API's, a problem, or a text. */
function refusal(status, path, text) {
  if (![400, 401, 403, 404, 405, 409, 412, 415, 422, 429].includes(status)) return ["invalid", `status ${status}`];
  if (status !== 400 || !/^\/api\.xro\//.test(path)) return ["refused"];
  try {
    const { ErrorNumber, Type, Message } = JSON.parse(text);
    if (Number.isInteger(ErrorNumber) && /Exception$/.test(Type) && typeof Message === "string") return ["refused"];
  } catch {
    // A text, which Xero answers to requests that it cannot read.
    return ["refused"];
  }
  return ["invalid", "a 400 in a form that Xero does not have"];
}
