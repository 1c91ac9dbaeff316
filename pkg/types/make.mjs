// Writes the declarations of Xero's APIs, a file for each, from its OpenAPI files: node make.mjs FOLDER.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import openapiTS, { astToString } from "openapi-typescript";
import { parse } from "yaml";
import { corrected } from "./correct.mjs";
import { compact } from "./compact.mjs";
import { treeOf } from "./tree.mjs";

/** The APIs by their names in the catalogue: the type of each, and its file. */
const APIS = {
  "accounting": ["AccountingApi", "xero_accounting.yaml"],
  "app-store": ["AppStoreApi", "xero-app-store.yaml"],
  "assets": ["AssetsApi", "xero_assets.yaml"],
  "bankfeeds": ["BankFeedsApi", "xero_bankfeeds.yaml"],
  "files": ["FilesApi", "xero_files.yaml"],
  "finance": ["FinanceApi", "xero-finance.yaml"],
  "identity": ["IdentityApi", "xero-identity.yaml"],
  "payroll-au": ["PayrollAuApi", "xero-payroll-au.yaml"],
  "payroll-au-v2": ["PayrollAuV2Api", "xero-payroll-au-v2.yaml"],
  "payroll-nz": ["PayrollNzApi", "xero-payroll-nz.yaml"],
  "payroll-uk": ["PayrollUkApi", "xero-payroll-uk.yaml"],
  "projects": ["ProjectsApi", "xero-projects.yaml"],
};

const OPTIONS = {
  // A member with a default may be left out of a body all the same.
  defaultNonNullable: false,
  emptyObjectsUnknown: true,
  rootTypes: true,
  rootTypesNoSchemaPrefix: true,
  silent: true,
};

const here = (name) => new URL(name, import.meta.url);
const json = (name) => JSON.parse(readFileSync(here(`../../src/catalogue/${name}.json`), "utf8"));
const folder = process.argv[2];
mkdirSync(folder, { recursive: true });
const operations = json("operations");
const bases = new Map(json("apis").map(({ name, base }) => [name, base]));

for (const [name, [type, file]] of Object.entries(APIS)) {
  const spec = corrected(parse(readFileSync(here(`specs/${file}`), "utf8")), name, operations.filter(({ api }) => api === name));
  const declarations = compact(astToString(await openapiTS(spec, OPTIONS)));
  writeFileSync(join(folder, `${name}.d.cts`), heading(spec, name) + declarations + treeOf(Object.keys(spec.paths), type, name, bases.get(name)));
}

function heading({ info }, name) {
  return `/**
 * ${info.title}: paths, records and bodies. Types alone: there is nothing to run.
 *
 * Made from Xero's OpenAPI specification ${info.version}, which is under the MIT licence (LICENSE.txt beside this file).
 *
 * @module xero-m2m/types/${name}
 */
`;
}
