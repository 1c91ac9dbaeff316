// The entries of the package in a page of somebody else's, under a policy that allows little: no bundler, no build.
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { launch } from "./browser.mjs";

const dist = join(dirname(createRequire(import.meta.url).resolve("xero-m2m/package.json")), "dist");

const SCRIPT = `
import { checkScopes, requiredScopes } from "./policy.js";
import { CustomConnection } from "./index.js";

const { scopes } = requiredScopes("GET /Invoices");
const { allowed } = checkScopes({ scopes, calls: "GET /Invoices", on: "2026-11-24" });
let refusal;
try {
  new CustomConnection({ clientId: "an id", clientSecret: "a secret" });
} catch ({ code, blame, message }) {
  refusal = { code, blame, message };
}
globalThis.found = { scopes, allowed, refusal };
`;

let server;
let browser;
before(async () => {
  server = createServer((request, response) => {
    const name = basename(request.url);
    const policy = `default-src 'none'; script-src 'self' 'wasm-unsafe-eval'`;
    if (name === "") {
      const headers = { "content-type": "text/html", "content-security-policy": policy };
      response
        .writeHead(200, headers)
        .end('<!doctype html><link rel="icon" href="data:,"><script type="module" src="page.js"></script>');
      return;
    }
    response.writeHead(200, { "content-type": "text/javascript" });
    response.end(name === "page.js" ? SCRIPT : readFileSync(join(dist, name)));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  browser = await launch();
});
after(async () => {
  await browser?.close();
  server.close();
});

test("policy answers, and a client refuses to be made, under a strict policy and without a bundler", async () => {
  const page = await browser.newPage();
  const complaints = [];
  page.on("pageerror", ({ message }) => complaints.push(message));
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  await page.waitForFunction(() => globalThis.found !== undefined);
  const { scopes, allowed, refusal } = await page.evaluate(() => globalThis.found);
  assert.deepEqual([scopes, allowed], [["accounting.invoices.read"], true]);
  assert.deepEqual([refusal.code, refusal.blame], ["in_browser", "caller"]);
  assert.match(refusal.message, /on a server; xero-m2m\/policy works in pages/);
  assert.ok(!refusal.message.includes("a secret;"));
  assert.deepEqual(complaints, []);
  await page.close();
});
