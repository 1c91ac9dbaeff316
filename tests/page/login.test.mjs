// A login as its user sees it: a browser goes through the consent of the local Xero and comes back to the program.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { createSimulator } from "xero-m2m/simulator";
import { freePort } from "../js/free-port.mjs";
import { launch } from "./browser.mjs";

const require = createRequire(import.meta.url);
const cli = join(dirname(require.resolve("xero-m2m/package.json")), "dist/cli.js");

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

/** A program that waits for a login, the page of the consent, and the vault. */
async function begin(t) {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "xero-m2m-login-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const xero = createSimulator({ invoices: 3, organisations: ["Kea Outdoor Hire", "Tui Books"], redirectUris: [`http://localhost:${port}/callback`] });
  t.after(() => xero.close());
  await xero.listen();
  const vault = join(folder, "vault");
  const args = ["login", "--no-browser", "--no-policy", "--port", String(port), "--scopes", "accounting.invoices.read", "--vault", vault];
  const child = spawn(process.execPath, [cli, ...args], { env: { ...process.env, ...xero.pkce.env }, stdio: ["ignore", "pipe", "pipe"] });
  t.after(() => child.kill("SIGKILL"));
  const said = { out: "", err: "" };
  child.stderr.setEncoding("utf8").on("data", (data) => (said.err += data));
  const end = once(child, "close").then(([code]) => code);
  const address = await new Promise((resolve, reject) => {
    child.stdout.setEncoding("utf8").on("data", (data) => {
      said.out += data;
      const found = /^(http\S+authorize\?\S+)$/m.exec(said.out);
      if (found) resolve(found[1]);
    });
    void end.then(() => reject(new Error(said.err)));
  });
  const context = await browser.newContext();
  t.after(() => context.close());
  context.setDefaultTimeout(120_000);
  const page = await context.newPage();
  const requests = [];
  const complaints = [];
  context.on("request", (request) => requests.push(request.url()));
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  await page.goto(address);
  return { page, vault, said, end, port, requests, complaints };
}

test("a user chooses an organisation, allows access, and is sent back to the terminal", async (t) => {
  const { page, vault, said, end, port, requests } = await begin(t);
  await page.getByLabel("Tui Books").check();
  await page.getByRole("button", { name: "Allow access" }).click();
  await page.getByText("Go back to the terminal").waitFor();
  assert.equal(new URL(page.url()).host, `localhost:${port}`);
  assert.equal(await page.locator("script, style, link, img, iframe, form").count(), 0);
  assert.equal(await end, 0, said.err);
  assert.ok(existsSync(vault));
  assert.match(said.out, /The login reaches 1 organisation:\n {2}1\. Tui Books/);
  const hosts = new Set(requests.map((url) => new URL(url).hostname));
  assert.deepEqual([...hosts].filter((host) => !["127.0.0.1", "localhost"].includes(host)), []);
});

test("a user who refuses is sent back too, and nothing is saved", async (t) => {
  const { page, vault, said, end } = await begin(t);
  await page.getByRole("button", { name: "Refuse" }).click();
  await page.getByText("Xero gave no access").waitFor();
  assert.equal(await end, 1);
  assert.match(said.err, /did not give access; nothing has changed/);
  assert.ok(!existsSync(vault));
});
