// The parts of the installed package by size, and the ceilings of their sizes. The sizes are those of files, in bytes.
import { readdirSync, statSync } from "node:fs";
import { join, relative } from "node:path";

/** The part that has a module of its own, and is loaded by no service with a custom connection. */
const USERS = "connections of users and apps";

/** The parts, each with a pattern for the names of its files. A file belongs to the first part that matches. */
const PARTS = [
  [USERS, /^docs\/users|^dist\/(?:(?:entry\/)?(?:user|app|shared|file|postgres|redis|durable-object)[.-]|(?:user|app|vault)\/)/],
  ["recorder", /^dist\/record\.|^xero-usage\.schema/],
  ["declarations", /\.d\.c?ts$/],
  ["maps", /\.map$/],
  ["client", /^dist\/(?:index|slim|platforms|workerd|edge-light|xero-m2m)\b/],
  ["policy", /^dist\/policy\b/],
  ["dates and webhooks", /^dist\/(?:dates|webhook)\./],
  ["simulator", /^dist\/simulator\b/],
  ["doctor and OpenTelemetry", /^dist\/(?:doctor|opentelemetry)\b/],
  ["program", /^dist\/cli\b/],
  ["page", /^dist\/page\//],
  ["documents, licences and schemas", /(?:^|\/)[\w.-]+\.(?:md|json|txt)$|^LICENSE/],
];

/**
 * The most bytes of the installed package: the parts `simulator`, {@link USERS} and `declarations`, and all others together. A fleet's
 * code is in the part of users, which had 450,000 before it, 510,000 while a fleet shared its token alone, and has its limits now.
 */
export const CEILINGS = { simulator: 1_490_000, users: 555_000, types: 1_100_000, others: 2_490_000 };

/** The size of each part of the package in `root`. Throws if a file belongs to none. */
export function parts(root) {
  const sizes = new Map(PARTS.map(([name]) => [name, 0]));
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath ?? entry.path, entry.name);
    const name = relative(root, file).replaceAll("\\", "/");
    const part = PARTS.find(([, pattern]) => pattern.test(name))?.[0];
    if (!part) throw new Error(`tests/bench/parts.mjs has no part for ${name}`);
    sizes.set(part, sizes.get(part) + statSync(file).size);
  }
  return sizes;
}

/** The sizes that have a ceiling. */
export function weighed(sizes) {
  const [simulator, users, types] = [sizes.get("simulator"), sizes.get(USERS), sizes.get("declarations")];
  return { simulator, users, types, others: [...sizes.values()].reduce((sum, size) => sum + size) - simulator - users - types };
}
