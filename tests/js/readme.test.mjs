// The examples of README and docs are complete: each runs as it stands, in a folder of its own, against a local Xero.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { test } from "node:test";
import { promisify } from "node:util";
import { transform } from "esbuild";
import { XeroError } from "xero-m2m";
import { createSimulator } from "xero-m2m/simulator";

const here = import.meta.dirname ?? dirname(new URL(import.meta.url).pathname);
const manifest = createRequire(import.meta.url).resolve("xero-m2m/package.json");

/** The examples of a page in TypeScript. */
const examplesOf = (text) => [...text.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code]) => code);

/** The text of a packed document and its examples. */
async function packed(name) {
  const text = await readFile(join(dirname(manifest), name), "utf8");
  return { text, examples: examplesOf(text) };
}

/** Runs an example. Returns its output, the counts of the local Xero, and its organisation. */
async function run(example, environment = (simulator) => simulator.env) {
  const { code } = await transform(example, { loader: "ts", format: "esm", target: "es2022" });
  const simulator = createSimulator();
  await simulator.listen();
  // Below this folder, so that it finds the package.
  const cwd = await mkdtemp(join(here, "example-"));
  try {
    const { stdout } = await promisify(execFile)(process.execPath, ["--import", `${pathToFileURL(join(here, "to-local-xero.mjs"))}`, "--input-type=module", "--eval", code], {
      cwd,
      // The runner of the tests would take an example with `node:test` for a part of it.
      env: { ...process.env, NODE_TEST_CONTEXT: undefined, ...environment(simulator) },
      maxBuffer: 10_000_000,
    });
    return { stdout, ...simulator.counts(), organisation: simulator.organisation };
  } finally {
    await simulator.close();
    await rm(cwd, { recursive: true });
  }
}

/** What the examples of a page do, beside running: the page, the number of the example, and a check of its run. */
const CHECKS = {
  "calls.md": [
    ({ stdout }) => assert.match(stdout, /^200\nHarbour & Pine/),
    ({ stdout }) => assert.match(stdout, /^4\. ok +Authorisation: /m),
  ],
  "choosing.md": [],
  "errors.md": [({ stdout }) => assert.match(stdout, /scope_missing connection \[ 'accounting\.journals\.read' \] R7\n.*errors.*#scope_missing\n/)],
  "files.md": [({ stdout }) => assert.match(stdout, /^Tent, 90\.00$/m)],
  "fleet.md": [({ stdout, tokenRequests }) => assert.deepEqual([stdout, tokenRequests], ["[]\ntrue\n", 1])],
  "index.md": [({ stdout }) => assert.equal(stdout.trimEnd().split("\n").length, 5)],
  "limits.md": [({ stdout }) => assert.match(stdout, /^200$/m)],
  "recorder.md": [
    ({ stdout, apiRequests }) => {
      assert.match(stdout, /^watched 1 process for \d+ s: 1 call to Xero, 1 operation\n.*: accounting\.settings\.read\n[^]*did not run meanwhile are not in it/);
      assert.equal(apiRequests, 1);
    },
  ],
  "scopes.md": [
    ({ stdout, tokenRequests }) => {
      assert.equal(tokenRequests, 0);
      assert.match(stdout, /true \[\] \[\s*\{\s*scope: 'accounting\.transactions',\s*instead: \[ 'accounting\.invoices' \]/);
    },
  ],
  "testing.md": [({ stdout }) => assert.match(stdout, /pass 1/), ({ stdout }) => assert.match(stdout, /^180$/m)],
  "types.md": [
    ({ stdout, organisation }) => {
      assert.match(stdout, /^(?:\S+ 20\d\d-\d\d-\d\d \d+\n){5}\d+\.\d\d\n/);
      assert.ok(stdout.endsWith(`${organisation}\n`));
    },
    ({ stdout }) => assert.match(stdout, /^\[(?:\s*'[^']+',?){5}\s*\]\n$/),
    ({ stdout }) => assert.equal(stdout, "2019-03-11T00:00:00.000Z\n1552262400000\n"),
  ],
  "users.md": [({ tokenRequests, apiRequests }) => assert.deepEqual([tokenRequests, apiRequests], [1, 1])],
  "verify.md": [
    ({ stdout, tokenRequests, apiRequests }) => {
      assert.match(stdout, /^Of 13 questions, \d+ confirmed/);
      assert.ok(tokenRequests + apiRequests <= 25);
    },
  ],
  "writes.md": [({ stdout }) => assert.match(stdout, /^INV-/), ({ stdout }) => assert.match(stdout, /^[0-9a-f-]{36}$/m)],
};

test("the README's examples run, and the first is short", async () => {
  const { text, examples } = await packed("README.md");
  assert.equal(examples.length, 2);
  assert.ok(examples[0].split("\n").length <= 12, "the first call is made within 12 lines");
  assert.deepEqual(examples[0].match(/^  \w+(?=:)/gm), ["  clientId", "  clientSecret"], "with two options");
  assert.match(text.slice(0, text.indexOf("```ts")), /^npm install xero-m2m$/m, "and it names what to install");
  const first = await run(examples[0]);
  assert.deepEqual([first.tokenRequests, first.apiRequests], [1, 1]);
  const { stdout, tokenRequests, organisation } = await run(examples[1]);
  assert.ok(stdout.includes(organisation));
  // It has a local Xero of its own.
  assert.equal(tokenRequests, 0);
});

for (const name of readdirSync(join(here, "../docs")).filter((name) => name.endsWith(".md"))) {
  const examples = examplesOf(readFileSync(join(here, "../docs", name), "utf8"));
  if (!examples.length && !CHECKS[name]?.length) continue;
  test(`the examples of docs/${name} run`, async () => {
    assert.equal(examples.length, CHECKS[name]?.length, "each has a check");
    for (const [at, example] of examples.entries()) {
      CHECKS[name][at](await run(example, name === "users.md" ? (simulator) => simulator.web.env : undefined));
    }
  });
}

test("an error's help names the page and its code, and is in no output", async () => {
  const { text } = await packed("docs/errors.md");
  const error = new XeroError({ code: "invalid_scope", blame: "connection", retryable: false, message: "m" });
  assert.match(error.help, /errors\.(?:md|html)#invalid_scope$/);
  assert.match(text, /^### invalid_scope$/m);
  assert.equal(Object.keys(error).includes("help"), false);
  assert.doesNotMatch(JSON.stringify(error), /errors\./);
  const { inspect } = await import("node:util");
  assert.doesNotMatch(inspect(error, { showHidden: true }).split("\n    at ")[0], /help|errors\./);
});
