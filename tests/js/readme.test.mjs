// The README's examples run as they stand, one after the other, against the local Xero.
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

test("the README's examples run", async () => {
  const readme = await readFile(join(dirname(manifest), "README.md"), "utf8");
  const examples = [...readme.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code]) => code);
  assert.ok(examples.length >= 3, "examples were found");
  assert.ok(examples[0].split("\n").length <= 12, "the first call is made within 12 lines");
  assert.deepEqual(examples[0].match(/^  \w+(?=:)/gm), ["  clientId", "  clientSecret"], "with two options");
  assert.match(readme.slice(0, readme.indexOf("```ts")), /^npm install xero-m2m$/m, "and it says what to install");
  const { code } = await transform(examples.join(""), { loader: "ts", format: "esm", target: "es2022" });

  const simulator = createSimulator();
  await simulator.listen();
  try {
    const { stdout } = await promisify(execFile)(process.execPath, ["--import", `${pathToFileURL(join(here, "to-local-xero.mjs"))}`, "--input-type=module", "--eval", code], {
      cwd: here,
      env: { ...process.env, ...simulator.env },
      maxBuffer: 10_000_000,
    });
    assert.match(stdout, /scope_missing connection \[ 'accounting\.journals\.read' \] R7/);
    assert.match(stdout, new RegExp(simulator.organisation.replaceAll(/[^\w ]/g, ".")));
    const { tokenRequests, apiRequests } = simulator.counts();
    // Two clients, and a diagnosis.
    assert.equal(tokenRequests, 3);
    assert.match(stdout, /^4\. ok +Authorisation: /m);
    assert.ok(apiRequests >= 3);
  } finally {
    await simulator.close();
  }
});
