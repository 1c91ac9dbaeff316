// The page as `xero-m2m page` serves it from the package.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { launch } from "./browser.mjs";
import { example, visit } from "./support.mjs";

const require = createRequire(import.meta.url);

test("the page from the package answers as the built one does, and under the policy of its headers", async (t) => {
  const program = join(dirname(require.resolve("xero-m2m/package.json")), "dist/cli.js");
  const server = spawn(process.execPath, [program, "page", "--no-browser", "--port", "0"], { stdio: ["ignore", "pipe", "ignore"] });
  t.after(() => server.kill("SIGKILL"));
  let said = "";
  for await (const part of server.stdout.setEncoding("utf8")) if (/\/ until/.test((said += part))) break;
  const browser = await launch();
  t.after(() => browser.close());
  const { page, complaints } = await visit(browser, /http:\S+/.exec(said)[0]);
  await example(page, "broad");
  assert.equal(await page.locator("h2").innerText(), "Five scopes are enough");
  assert.deepEqual(complaints, []);
});
