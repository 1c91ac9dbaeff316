// The examples of README and docs run as they stand, the examples of one document one after the other, against the local Xero.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { test } from "node:test";
import { promisify } from "node:util";
import { transform } from "esbuild";
import { createSimulator } from "xero-m2m/simulator";

const here = import.meta.dirname ?? dirname(new URL(import.meta.url).pathname);
const manifest = createRequire(import.meta.url).resolve("xero-m2m/package.json");

/** The text of a packed document and its examples. */
async function read(name) {
  const text = await readFile(join(dirname(manifest), name), "utf8");
  return { text, examples: [...text.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code]) => code) };
}

/** Runs the examples of a document. Returns their output, the counts of the local Xero, and its organisation. */
async function run(examples, environment = (simulator) => simulator.env) {
  const { code } = await transform(examples.join(""), { loader: "ts", format: "esm", target: "es2022" });
  const simulator = createSimulator();
  await simulator.listen();
  try {
    const { stdout } = await promisify(execFile)(process.execPath, ["--import", `${pathToFileURL(join(here, "to-local-xero.mjs"))}`, "--input-type=module", "--eval", code], {
      cwd: here,
      env: { ...process.env, ...environment(simulator) },
      maxBuffer: 10_000_000,
    });
    return { stdout, ...simulator.counts(), organisation: simulator.organisation };
  } finally {
    await simulator.close();
  }
}

test("the README's examples run", async () => {
  const { text, examples } = await read("README.md");
  assert.ok(examples.length >= 2, "examples were found");
  assert.ok(examples[0].split("\n").length <= 12, "the first call is made within 12 lines");
  assert.deepEqual(examples[0].match(/^  \w+(?=:)/gm), ["  clientId", "  clientSecret"], "with two options");
  assert.match(text.slice(0, text.indexOf("```ts")), /^npm install xero-m2m$/m, "and it says what to install");
  const { stdout, tokenRequests, apiRequests, organisation } = await run(examples);
  assert.match(stdout, new RegExp(organisation.replaceAll(/[^\w ]/g, ".")));
  // The second client has a local Xero of its own.
  assert.equal(tokenRequests, 1);
  assert.equal(apiRequests, 1);
});

test("the examples of docs/calls.md run", async () => {
  const { examples } = await read("docs/calls.md");
  assert.ok(examples.length >= 2, "examples were found");
  const { stdout, tokenRequests, apiRequests } = await run(examples);
  assert.match(stdout, /scope_missing connection \[ 'accounting\.journals\.read' \] R7/);
  // Two clients, and a diagnosis.
  assert.equal(tokenRequests, 3);
  assert.match(stdout, /^4\. ok +Authorisation: /m);
  assert.ok(apiRequests >= 3);
});

test("the examples of docs/scopes.md run, and print the values of their comments", async () => {
  const { examples } = await read("docs/scopes.md");
  assert.ok(examples.length >= 1, "examples were found");
  const { stdout, tokenRequests } = await run(examples);
  assert.equal(tokenRequests, 0);
  assert.match(stdout, /true \[\] \[\s*\{\s*scope: 'accounting\.transactions',\s*instead: \[ 'accounting\.invoices' \]/);
});

test("the example of docs/recorder.md runs", async () => {
  const { examples } = await read("docs/recorder.md");
  assert.equal(examples.length, 1);
  const { stdout, apiRequests } = await run(examples);
  assert.match(stdout, /^watched 1 process for \d+ s: 1 call to Xero, 1 operation\n.*: accounting\.settings\.read\n[^]*did not run meanwhile are not in it/);
  assert.equal(apiRequests, 1);
});

test("the example of docs/verify.md runs", async () => {
  const { examples } = await read("docs/verify.md");
  const { stdout, tokenRequests, apiRequests } = await run(examples);
  assert.match(stdout, /^Of 13 questions, \d+ confirmed/);
  assert.ok(tokenRequests + apiRequests <= 25);
});

test("the examples of docs/users.md run, those that need no login", async () => {
  const { examples } = await read("docs/users.md");
  assert.equal(examples.length, 1);
  const { tokenRequests, apiRequests } = await run(examples, (simulator) => simulator.web.env);
  assert.deepEqual([tokenRequests, apiRequests], [1, 1]);
});
