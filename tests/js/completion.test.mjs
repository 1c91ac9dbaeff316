// What an editor offers in a call of a client that knows an API, by the compiler's own language service.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import ts from "typescript";

const folder = import.meta.dirname ?? new URL(".", import.meta.url).pathname;
const FILE = join(folder, "completed.mts");
const HEAD = `import { CustomConnection } from "xero-m2m";
import type { AccountingApi } from "xero-m2m/types/accounting";
declare const xero: CustomConnection<AccountingApi>;
`;

let text = "";
let version = 0;
const service = ts.createLanguageService({
  ...ts.sys,
  useCaseSensitiveFileNames: () => ts.sys.useCaseSensitiveFileNames,
  getScriptFileNames: () => [FILE],
  getScriptVersion: (file) => (file === FILE ? `${version}` : ""),
  getScriptSnapshot: (file) => {
    const found = file === FILE ? text : ts.sys.readFile(file);
    return found === undefined ? undefined : ts.ScriptSnapshot.fromString(found);
  },
  fileExists: (file) => file === FILE || ts.sys.fileExists(file),
  getCurrentDirectory: () => folder,
  getDefaultLibFileName: ts.getDefaultLibFilePath,
  getCompilationSettings: () => ({
    strict: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    types: ["node"],
  }),
});

/** The names that are offered at the place of the bar. */
function offered(code) {
  text = HEAD + code.replace("|", "");
  version += 1;
  const found = service.getCompletionsAtPosition(FILE, HEAD.length + code.indexOf("|"), {});
  return (found?.entries ?? []).map(({ name }) => name);
}

const PATHS = ["/Invoices", "/Invoices/{InvoiceID}", "/Contacts/{ContactID}/History"];

for (const code of ['xero.json("GET", "|")', 'xero.json("GET", `/Inv|`)', 'xero.fetch("|")', 'xero.pages("|")']) {
  test(`${code}: the paths are offered, and nothing else`, () => {
    const names = offered(code);
    for (const path of PATHS) assert.ok(names.includes(path), path);
    assert.deepEqual(names.filter((name) => !name.startsWith("/") && name !== ""), []);
  });
}

test("the methods of a path are offered", () => {
  assert.deepEqual(offered('xero.json("|", "/Invoices")').sort(), ["GET", "POST", "PUT"]);
});

test("the members of a body and of a record are offered", () => {
  for (const code of ['xero.json("POST", "/Invoices", { | })', "for await (const invoice of xero.pages(`/Invoices?page=1`)) invoice.|;"]) {
    const names = offered(code);
    for (const name of ["LineItems", "Contact", "DateString"]) assert.ok(names.includes(name), `${code}: ${name}`);
  }
});
