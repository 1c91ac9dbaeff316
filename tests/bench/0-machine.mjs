// The machine of these measurements, because the numbers of another machine differ.
import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import { table } from "./measure.mjs";

const read = (path) => JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8"));
const PEERS = ["oauth4webapi", "openid-client", "@badgateway/oauth2-client", "xero-node"];

table("measured with", ["version"], [
  [`Node on ${cpus().length} of ${cpus()[0]?.model.trim() || "an unknown processor"}`, process.versions.node],
  ...["xero-m2m", ...PEERS].map((name) => [name, read(`../node_modules/${name}/package.json`).version]),
]);
