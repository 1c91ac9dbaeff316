/** The catalogue as the worker sent it, by name. */

import type {
  Catalogue,
  CatalogueOperation,
  CatalogueRule,
  CatalogueScope,
  CatalogueSource,
} from "xero-m2m/policy";

export interface Index {
  version: string;
  scopes: ReadonlyMap<string, CatalogueScope>;
  operations: ReadonlyMap<string, CatalogueOperation>;
  rules: ReadonlyMap<string, CatalogueRule>;
  sources: ReadonlyMap<string, CatalogueSource>;
}

export function indexed({ version, scopes, operations, rules, sources }: Catalogue): Index {
  return {
    version,
    scopes: new Map(scopes.map((scope) => [scope.name, scope])),
    operations: new Map(operations.map((operation) => [operation.key, operation])),
    rules: new Map(rules.map((rule) => [rule.id, rule])),
    sources: new Map(sources.map((source) => [source.key, source])),
  };
}

/** Returns true if one of `scopes` opens the operation. */
export function opens({ openedBy }: CatalogueOperation, scopes: readonly string[]): boolean {
  return scopes.some((scope) => openedBy.includes(scope));
}

/** An operation for people, `GET /Invoices`, with the base of its API unless that is accounting's. */
export function request({ method, path }: CatalogueOperation): string {
  return `${method} ${path.replace(/^\/api\.xro\/2\.0(?=\/)/, "")}`;
}

/** The resource of an operation within its API: `Invoices`, `Reports`. */
export function resource({ api, path }: CatalogueOperation): string {
  const name = /^\/[^/]+\/\d+\.\d+\/([^/]+)/.exec(path)?.[1] ?? path.split("/")[1] ?? path;
  return api === "accounting" ? name : `${name} (${api})`;
}
