// Parses the data in README and docs, which `cargo xtask test types` has put into documents/.
import { readFileSync, readdirSync } from "node:fs";
import { parse as toml } from "smol-toml";
import { parse as yaml } from "yaml";

const PARSERS = { json: JSON.parse, toml, yaml };
const folder = new URL("documents/", import.meta.url);
for (const name of readdirSync(folder)) {
  const parse = PARSERS[name.split(".").at(-1)];
  try {
    parse?.(readFileSync(new URL(name, folder), "utf8"));
  } catch (error) {
    console.error(`${name} (page and line): ${error.message}`);
    process.exitCode = 1;
  }
}
