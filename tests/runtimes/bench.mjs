// `cargo xtask bench --runtimes`: from nothing to the first token, in every runtime, beside other ways to get one; and how
// much longer an isolate takes to start with the package in it.
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { createSimulator } from "xero-m2m/simulator";
import { isolate } from "./isolate.mjs";
import { PROGRAMS, trouble } from "./programs.mjs";

const RUNS = 9;
const CLIENTS = ["xero-m2m", "fetch, by hand", "oauth4webapi"];
const DENO = ["run", "--quiet", "--no-remote", "--allow-net=127.0.0.1", "--allow-env", "--allow-read"];

const median = (list) => [...list].sort((one, other) => one - other)[(list.length - 1) >> 1];
const row = (cells) =>
  console.log(
    `  ${cells[0].padEnd(30)}${cells
      .slice(1)
      .map((cell) => cell.padStart(16))
      .join("")}`,
  );

/** The modules that each entry imports. */
const ENTRIES = {
  "xero-m2m, Node.js, Deno, Bun": ["index.js"],
  "xero-m2m, Workers": ["workerd.js", "platforms.js", "xero-m2m.wasm"],
  "xero-m2m, edge": ["edge-light.js", "platforms.js", "xero-m2m.wasm"],
  "xero-m2m/slim": ["slim.js", "platforms.js", "xero-m2m.wasm"],
  "xero-m2m/policy": ["policy.js", "policy-platforms.js"],
  "xero-m2m/policy, Workers": ["policy-workerd.js", "policy-platforms.js", "policy.wasm"],
  "xero-m2m/simulator": ["simulator.js", "simulator-platforms.js"],
  "xero-m2m/doctor, itself": ["doctor.js"],
  "xero-m2m/opentelemetry": ["opentelemetry.js"],
};
const dist = join(import.meta.dirname, "node_modules/xero-m2m/dist");
const kB = (bytes) => `${(bytes / 1_000).toFixed(1)} kB`;

console.log("\n  what each entry pulls in");
row(["", "raw", "gzip", "brotli"]);
for (const [name, files] of Object.entries(ENTRIES)) {
  const contents = files.map((file) => readFileSync(join(dist, file)));
  const sum = (weigh) => kB(contents.reduce((sum, content) => sum + weigh(content), 0));
  const gzip = (content) => gzipSync(content, { level: 9 }).length;
  row([name, sum(({ length }) => length), sum(gzip), sum((content) => brotliCompressSync(content).length)]);
}

const simulator = createSimulator({ invoices: 1 });
const { url } = await simulator.listen();
const { clientId, clientSecret } = simulator;
const connection = JSON.stringify({ url, clientId, clientSecret });
// Making its key takes a while, which is not to be a client's.
await fetch(`${url}/connect/token`, { method: "POST" });

console.log("\n  import and first token over HTTP, in a process of its own: medians");
row(["", ...CLIENTS, "to by hand"]);
for (const [runtime, program] of Object.entries(PROGRAMS)) {
  if (trouble(program)) {
    row([runtime, "does not run here"]);
    continue;
  }
  const found = CLIENTS.map(() => []);
  // In turn, so that a slow moment of the machine falls on all alike.
  for (let run = 0; run < RUNS; run++) {
    for (const [index, client] of CLIENTS.entries()) {
      const args = [...(runtime === "Deno" ? DENO : []), "cold.mjs", client, connection];
      const { stdout } = await promisify(execFile)(program, args, { cwd: import.meta.dirname });
      found[index].push(Number(stdout));
    }
  }
  const medians = found.map(median);
  row([runtime, ...medians.map((ms) => `${ms.toFixed(1)} ms`), `${(medians[0] / medians[1]).toFixed(2)} x`]);
}

const folder = join(import.meta.dirname, "built");
mkdirSync(folder, { recursive: true });
const answer = 'export default { fetch: () => Response.json("up") };';
const WORKERS = {
  "an empty Worker": answer,
  "with a client": `import { CustomConnection } from "xero-m2m";
const xero = new CustomConnection({ clientId: "an id", clientSecret: "a secret" });
${answer}`,
};
const found = Object.keys(WORKERS).map(() => []);
for (const [index, text] of Object.values(WORKERS).entries()) writeFileSync(join(folder, `bench-${index}.mjs`), text);
for (let run = 0; run < RUNS; run++) {
  for (const [index, list] of found.entries()) {
    const started = performance.now();
    const { ask, close } = await isolate(`built/bench-${index}.mjs`);
    await ask("http://worker/");
    list.push(performance.now() - started);
    await close();
  }
}
console.log("\n  workerd, by miniflare: bundle, start, first answer: medians");
for (const [index, name] of Object.keys(WORKERS).entries()) row([name, `${median(found[index]).toFixed(0)} ms`]);
await simulator.close();
process.exit();
