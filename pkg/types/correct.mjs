// Corrections of a specification, so that its types claim nothing that is not so. README.md has the reasons.

const METHODS = ["get", "put", "post", "patch", "delete"];

/** Headers that are not the caller's: the client knows the organisation, and `contentType` is a device of Xero's SDKs. */
const NO_HEADERS = ["xero-tenant-id", "contenttype"];

/** APIs that answer `null` for a member without a value. */
const WITH_NULL = ["payroll-au-v2", "payroll-nz", "payroll-uk"];

/** Members around the records of every answer, which the specification has in its examples alone. */
const ENVELOPES = {
  "accounting": ["Id", "Status", "ProviderName", "DateTimeUTC"],
  "payroll-au": ["Id", "Status", "ProviderName", "DateTimeUTC"],
  "payroll-au-v2": ["id", "providerName", "dateTimeUTC", "httpStatusCode"],
  "payroll-nz": ["id", "providerName", "dateTimeUTC", "httpStatusCode"],
  "payroll-uk": ["id", "providerName", "dateTimeUTC", "httpStatusCode"],
};

/** The parameters of paging, by the word that the catalogue has for it. */
const PAGING = { page: ["page"], page_size: ["page", "pageSize"], pagesize_lower: ["page", "pagesize"], offset: ["offset"] };

/** Parameters that came with version 16.2.0 of the specification, by operation; sources are in the catalogue. */
const LATER = {
  createInvoices: { allowBackorders: "boolean" },
  updateOrCreateInvoices: { allowBackorders: "boolean" },
  updateInvoice: { allowBackorders: "boolean" },
  getBankTransactions: { References: "string" },
  getPrepayments: { References: "string" },
};

const MS_DATE = "Answered as `/Date(1552326816230+0000)/`: `readDate` of `xero-m2m/dates` reads it. Written as `2019-03-11`.";

/** Returns the specification of an API with its corrections. `rows` are the operations that the catalogue has for it. */
export function corrected(spec, api, rows) {
  const { schemas } = spec.components;
  const operations = [...operationsOf(spec)];
  learn(spec, operations);
  for (const { path, method, operation } of operations) {
    const row = rows.find((row) => row.method === method.toUpperCase() && row.path === path);
    operation.parameters = parametersOf(spec, path, operation, row);
  }
  for (const item of Object.values(spec.paths)) delete item.parameters;
  delete spec.components.parameters;
  for (const { operation } of operations) single(spec, api, operation);

  const answers = operations.flatMap(({ operation }) => answersOf(spec, operation));
  const answered = reached(spec, answers);
  for (const [name, schema] of Object.entries(schemas)) {
    // The two kinds of NICategory differ by what they require.
    if (schema.properties) delete schema.oneOf;
    if (answered.has(name)) optional(schema, WITH_NULL.includes(api));
    dates(schema);
  }
  for (const { $ref } of answers) {
    const schema = $ref && schemas[nameOf($ref)];
    if (!schema?.properties) continue;
    for (const name of ENVELOPES[api] ?? []) schema.properties[name] ??= { type: "string" };
  }
  return bare(spec);
}

function* operationsOf(spec) {
  for (const [path, item] of Object.entries(spec.paths)) {
    for (const method of METHODS) if (item[method]) yield { path, method, item, operation: item[method] };
  }
}

const nameOf = ($ref) => $ref.split("/").at(-1);
const resolved = (spec, part) => (part?.$ref ? part.$ref.slice(2).split("/").reduce((at, name) => at[name], spec) : part);

/** The parameters of an operation, those of its path included, each written out. */
function parametersOf(spec, path, operation, row) {
  const given = [...(spec.paths[path].parameters ?? []), ...(operation.parameters ?? [])].map((part) => resolved(spec, part));
  const own = given.filter(({ in: place, name }) => !(place === "header" && NO_HEADERS.includes(name.toLowerCase())));
  const added = (PAGING[row?.paging] ?? []).map((name) => [name, "integer"]).concat(Object.entries(LATER[operation.operationId] ?? {}));
  for (const [name, type] of added) {
    if (!own.some((parameter) => parameter.name === name)) own.push({ in: "query", name, schema: { type } });
  }
  // The same parameter of a path is given twice where the path and the operation both have it.
  return own.filter(({ in: place, name }, at) => own.findLastIndex((other) => other.in === place && other.name === name) === at);
}

function answersOf(spec, { responses }) {
  const good = Object.entries(responses).filter(([status]) => status.startsWith("2"));
  return good.map(([, answer]) => resolved(spec, answer).content?.["application/json"]?.schema).filter(Boolean);
}

/** The accounting API takes one record where the specification has a list of them only. */
function single(spec, api, { requestBody }) {
  const content = api === "accounting" && resolved(spec, requestBody)?.content?.["application/json"];
  const { $ref } = (content && content.schema) || {};
  const list = $ref && spec.components.schemas[nameOf($ref)]?.properties?.[nameOf($ref)];
  if (list?.type === "array") content.schema = { anyOf: [{ $ref }, list.items] };
}

/** The names of the schemas that these lead to. */
function reached(spec, from) {
  const names = new Set();
  const open = [...from];
  while (open.length > 0) {
    const part = open.pop();
    if (!part || typeof part !== "object") continue;
    if (typeof part.$ref === "string" && !names.has(nameOf(part.$ref))) {
      names.add(nameOf(part.$ref));
      open.push(resolved(spec, part));
    }
    open.push(...Object.values(part));
  }
  return names;
}

/** A record in an answer may lack any member: one inside another has a few of them, and a summary is shorter. */
function optional(schema, withNull) {
  delete schema.required;
  for (const [name, member] of Object.entries(schema.properties ?? {})) {
    if (withNull) schema.properties[name] = nullable(member);
    if (member.properties) optional(member, withNull);
  }
}

function nullable(schema) {
  return schema.$ref ? { nullable: true, allOf: [schema] } : { ...schema, nullable: true };
}

function dates(schema) {
  for (const member of Object.values(schema.properties ?? {})) {
    if (!member["x-is-msdate"] && !member["x-is-msdate-time"]) continue;
    member.description = [member.description?.trim(), MS_DATE].filter(Boolean).join("\n");
  }
}

/** Takes from the examples what their schemas contradict: `null`, another simple type, and the twin of a date as text. */
function learn(spec, operations) {
  for (const { operation } of operations) {
    for (const [status, answer] of Object.entries(operation.responses)) {
      const { schema, example, examples = {} } = (status.startsWith("2") && resolved(spec, answer).content?.["application/json"]) || {};
      if (!schema) continue;
      for (const value of [example, ...Object.values(examples).map(({ value }) => value)]) {
        compare(spec, schema, typeof value === "string" ? parsed(value) : value);
      }
    }
  }
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Compares an example with its schema, which is changed where they differ. Returns the schema for it. */
function compare(spec, schema, value) {
  const own = resolved(spec, schema);
  if (value === undefined || !own || own.oneOf || own.anyOf || own.allOf) return schema;
  if (value === null) return nullable(schema);
  if (own.type === "array") {
    if (Array.isArray(value)) for (const element of value) own.items = compare(spec, own.items, element);
    return schema;
  }
  if (own.properties) {
    if (typeof value !== "object" || Array.isArray(value)) return schema;
    for (const [name, member] of Object.entries(value)) {
      if (own.properties[name]) own.properties[name] = compare(spec, own.properties[name], member);
      else if (name.endsWith("String") && own.properties[name.slice(0, -6)]) own.properties[name] = { type: "string" };
    }
    return schema;
  }
  const type = own.type === "integer" ? "number" : own.type;
  const found = value instanceof Date ? "string" : typeof value;
  const isSimple = (name) => ["number", "string", "boolean"].includes(name);
  if (!isSimple(type) || !isSimple(found) || type === found || own.enum) return schema;
  return { description: own.description, anyOf: [{ type: own.type }, { type: found }] };
}

/** Without examples, formats and hints for Xero's generators of code. */
function bare(part, isNames = false) {
  if (Array.isArray(part)) return part.map((element) => bare(element));
  if (!part || typeof part !== "object") return part;
  const left = ([name]) => isNames || !(name.startsWith("x-") || ["example", "examples", "format", "externalDocs", "security"].includes(name));
  return Object.fromEntries(Object.entries(part).filter(left).map(([name, inner]) => [name, bare(inner, name === "properties" && !isNames)]));
}
