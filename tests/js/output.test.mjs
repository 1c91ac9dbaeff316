// What names of files, calls and users may do to a terminal, a runner of CI, a tracker, or the program itself.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";

const require = createRequire(import.meta.url);
const cli = join(dirname(require.resolve("xero-m2m/package.json")), "dist/cli.js");

function place(t, files) {
  const folder = mkdtempSync(join(tmpdir(), "xero-m2m-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

/** What the program writes; it is ended, and its code is null, if it does not end by itself. */
async function run(t, cwd, ...args) {
  const child = spawn(process.execPath, [cli, ...args], { cwd, stdio: ["ignore", "pipe", "pipe"], timeout: 60_000 });
  t.after(() => child.kill());
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return { stdout, stderr, code };
}

const FORMATS = ["text", "markdown", "json", "sarif"];
/** What GitHub Actions and Azure Pipelines take for a command. */
const COMMAND = /^\s*::|##\w*\[/m;
/** What a terminal obeys, and what turns the direction of writing. */
const OBEYED = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;
const windows = process.platform === "win32" && "names of files cannot be so there";

test("a file is read whatever its name is, in a folder and by a pattern, and its name obeys nothing", { skip: windows }, async (t) => {
  const names = ["a\n::error::b.log", "--call\u001b]0;x\u0007.log", "##[error]c.log", "d\u009b2J\u061c.log"];
  const cwd = place(t, Object.fromEntries(names.map((name, n) => [name, `GET /Invoices\nGET /Nonsense${n}\n`])));
  for (const what of [".", "*.log", "./**/*.log"]) {
    for (const format of FORMATS) {
      const { stdout, stderr } = await run(t, cwd, "check", "--scopes", "files", what, "--format", format);
      for (let n = 0; n < names.length; n++) assert.match(stdout, new RegExp(`Nonsense${n}`), `${what} ${format}: ${stderr}`);
      assert.doesNotMatch(stdout + stderr, COMMAND, `${what} ${format}`);
      assert.doesNotMatch((stdout + stderr).replaceAll("\n", ""), OBEYED, `${what} ${format}`);
    }
  }
});

test("names of scopes and calls on the command line are no commands either", async (t) => {
  const cwd = place(t, {});
  const scopes = "files ::error::scope ##[error]scope \u009b2J\u061cx";
  for (const format of FORMATS) {
    const given = ["--scopes", scopes, "-c", "GET /::warning::call", "-c", "GET /Invoices", "--format", format];
    const { stdout, stderr } = await run(t, cwd, "check", ...given);
    assert.ok(stdout.length > 100, stderr);
    assert.doesNotMatch(stdout + stderr, COMMAND, format);
    assert.doesNotMatch((stdout + stderr).replaceAll("\n", ""), OBEYED, format);
    if (format === "json") {
      const texts = JSON.parse(stdout).unresolved.map(({ text }) => text);
      assert.ok(texts.some((text) => text.includes("::warning::call")), `and says what they are: ${texts}`);
    }
  }
});

test("a ticket mentions nobody", async (t) => {
  const given = ["--from", "accounting.transactions", "--to", "accounting.invoices", "--user", "@octocat (kim@books.example)"];
  const { stdout, stderr } = await run(t, place(t, {}), "plan", ...given, "--format", "markdown");
  assert.match(stdout, /octocat/, stderr);
  assert.doesNotMatch(stdout, /(?<![\w`])@\w/);
  assert.match(stdout, /kim@books\.example/);
});

test("a policy with many stars is judged like any other", async (t) => {
  const stars = `${"*a".repeat(40)}*`;
  const cwd = place(t, {
    "xero-policy.json": JSON.stringify({
      scopes: [`accounting.${"a".repeat(60)}!`, "accounting.settings"],
      allow: [`${stars}!`, "acc*.set*ngs", "*"],
      deny: ["acc*unting.contacts*"],
    }),
  });
  const { stdout, stderr, code } = await run(t, cwd, "check", "-c", "GET /Organisation", "--format", "json");
  assert.equal(code, 0, stderr);
  assert.equal(JSON.parse(stdout).forbidden, undefined);
  const denied = place(t, {
    "xero-policy.json": JSON.stringify({ scopes: ["accounting.settings", "accounting.contacts", "files"], deny: ["*.se*t*s", "f*"] }),
  });
  const found = JSON.parse((await run(t, denied, "check", "-c", "GET /Organisation", "--format", "json")).stdout);
  assert.deepEqual(found.forbidden, [
    { scope: "accounting.settings", by: "deny" },
    { scope: "files", by: "deny" },
  ]);
});

test("a policy that is a device or a pipe, or endless, is refused and not waited for", { skip: windows }, async (t) => {
  const check = ["check", "-c", "GET /Organisation"];
  const device = place(t, {});
  symlinkSync("/dev/zero", join(device, "xero-policy.json"));
  const pipe = place(t, {});
  assert.equal(spawnSync("mkfifo", [join(pipe, "xero-policy.json")]).status, 0);
  for (const cwd of [device, pipe]) {
    const { stderr, code } = await run(t, cwd, ...check);
    assert.deepEqual([code, /cannot read "xero-policy\.json": it is a device or a pipe/.test(stderr)], [2, true], stderr);
  }
  const large = await run(t, place(t, { "xero-policy.json": " ".repeat(2 ** 20 + 1) }), ...check);
  assert.deepEqual([large.code, /larger than 1 MiB/.test(large.stderr)], [2, true], large.stderr);
});

test("in a folder, what cannot be read or is not followed is said, and the rest is read", { skip: windows }, async (t) => {
  const cwd = place(t, { "a.log": "GET /Invoices\n" });
  const elsewhere = place(t, { "b.log": "GET /Contacts\n" });
  symlinkSync("/dev/zero", join(cwd, "zero.log"));
  symlinkSync(elsewhere, join(cwd, "more"));
  symlinkSync(join(elsewhere, "gone.log"), join(cwd, "gone.log"));
  const { stdout, stderr, code } = await run(t, cwd, "scopes", ".", "--format", "json");
  assert.equal(code, 0, stderr);
  assert.deepEqual(JSON.parse(stdout).scopes, ["accounting.invoices.read"]);
  assert.match(stderr, /note: "more" was not looked into, and what it calls is not known: it is a link to a folder/);
  assert.match(stderr, /note: cannot read "zero\.log": it is a device or a pipe, and no file; it was left out/);
  assert.match(stderr, /note: cannot read "gone\.log": there is no such file; it was left out/);
});

test("a pipe of the shell can be named, a device cannot", { skip: windows }, async (t) => {
  const cwd = place(t, {});
  const shell = spawnSync("bash", ["-c", `"$0" "$1" scopes <(echo GET /Invoices)`, process.execPath, cli], { cwd, encoding: "utf8" });
  if (shell.error) return t.skip("there is no bash");
  assert.match(shell.stdout, /accounting\.invoices\.read/, shell.stderr);
  const { code, stderr } = await run(t, cwd, "scopes", "/dev/zero");
  assert.deepEqual([code, /it is a device/.test(stderr)], [2, true], stderr);
});
