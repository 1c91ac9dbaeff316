// What names of files, calls and users may do to a terminal, a runner of CI, a tracker, or the program itself.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
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

/** The output of the program; it is ended, and its code is null, if it does not end by itself. */
async function run(t, cwd, ...args) {
  const child = spawn(process.execPath, [cli, ...args], { cwd, stdio: ["ignore", "pipe", "pipe"], timeout: 60_000 });
  t.after(() => child.kill());
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return { stdout, stderr, code };
}

const FORMATS = ["text", "markdown", "json", "sarif"];
/** Texts that GitHub Actions and Azure Pipelines treat as commands. */
const COMMAND = /^\s*::|##\w*\[/m;
/** Control characters of terminals, and characters that turn the direction of writing. */
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
  assert.match(stderr, /note: "more" was not searched, and its calls are not known: it is a link to a folder/);
  assert.match(stderr, /note: cannot read "zero\.log": it is a device or a pipe, not a file; it was skipped/);
  assert.match(stderr, /note: cannot read "gone\.log": there is no such file; it was skipped/);
});

test("a link to a folder that is searched anyway leaves nothing unknown", { skip: windows }, async (t) => {
  const cwd = place(t, { "a.log": "GET /Invoices\n" });
  mkdirSync(join(cwd, "deep"));
  symlinkSync(".", join(cwd, "self"));
  symlinkSync("..", join(cwd, "deep/up"));
  const { stdout, stderr, code } = await run(t, cwd, "check", "--scopes", "accounting.invoices.read", ".");
  assert.deepEqual([code, stderr], [0, ""]);
  assert.match(stdout, /^ALLOWED: 1 call allowed/);
  // The folder above is not searched.
  const above = await run(t, cwd, "check", "--scopes", "accounting.invoices.read", "deep");
  assert.deepEqual([above.code, /"deep\/up" was not searched/.test(above.stderr)], [2, true], above.stderr);
});

test("a pipe of the shell can be named, a device cannot", { skip: windows }, async (t) => {
  const cwd = place(t, {});
  const inBash = (command) =>
    spawnSync("bash", ["-c", command, process.execPath, cli], { cwd, encoding: "utf8", timeout: 60_000 });
  const shell = inBash(`"$0" "$1" scopes <(echo GET /Invoices)`);
  if (shell.error) return t.skip("there is no bash");
  assert.match(shell.stdout, /accounting\.invoices\.read/, shell.stderr);
  const scopes = inBash(`"$0" "$1" check --no-policy --scopes-file <(echo accounting.invoices) -c "PUT /Invoices"`);
  assert.equal(scopes.status, 0, scopes.stderr);
  const policy = inBash(`"$0" "$1" check --policy <(echo '{"scopes":["accounting.invoices"]}') -c "PUT /Invoices"`);
  assert.equal(policy.status, 0, policy.stderr);
  const two = inBash(`"$0" "$1" scopes --no-policy <(echo GET /Items; echo GET /Invoices)`);
  assert.match(two.stdout, /^1 scope for 2 calls/, two.stderr);
  const endless = inBash(`"$0" "$1" check --no-policy --scopes-file <(yes accounting.invoices) -c "PUT /Invoices"`);
  assert.deepEqual([endless.status, /it is larger than 1 MiB/.test(endless.stderr)], [2, true], endless.stderr);
  assert.equal(spawnSync("mkfifo", [join(cwd, "nobody")]).status, 0);
  for (const args of [["scopes", "nobody"], ["check", "--no-policy", "--scopes-file", "nobody", "-c", "GET /Items"]]) {
    const { code, stderr } = await run(t, cwd, ...args);
    assert.deepEqual([code, /cannot read "nobody": it is a pipe, and nothing was written/.test(stderr)], [2, true], stderr);
  }
  for (const args of [["scopes", "/dev/zero"], ["check", "--no-policy", "--scopes-file", "/dev/zero", "-c", "GET /Items"]]) {
    const { code, stderr } = await run(t, cwd, ...args);
    assert.deepEqual([code, /it is a device/.test(stderr)], [2, true], stderr);
  }
});

test("a pattern with many stars takes no time, wherever it stands", { skip: windows }, async (t) => {
  const cwd = place(t, {});
  const folder = "a".repeat(34);
  const name = `${"a".repeat(90)}.ts`;
  mkdirSync(join(cwd, "deep", folder), { recursive: true });
  writeFileSync(join(cwd, "deep", folder, name), "GET /Items\n");
  const stars = "*a".repeat(30);
  for (const pattern of [`deep/*/*a*a*a*a*a*a*ac.ts`, `deep/*/${stars}c.ts`, `**/${stars}/${stars}c.ts`, `{${stars},b}/${stars}c.ts`]) {
    const { code, stderr } = await run(t, cwd, "check", "--no-policy", "--scopes", "files", pattern);
    assert.deepEqual([code, /no file is in .* or matches it/.test(stderr)], [2, true], stderr);
  }
  const found = await run(t, cwd, "scopes", "--no-policy", `deep/${stars}/${stars}.ts`);
  assert.match(found.stdout, /accounting\.settings\.read/, found.stderr);
  // The rules of .gitignore, and the calls of a policy.
  mkdirSync(join(cwd, ".git"));
  writeFileSync(join(cwd, ".gitignore"), `${stars}c.ts\ndeep/**/${stars}c.ts\n`);
  assert.match((await run(t, cwd, "scopes", "--no-policy", ".")).stdout, /accounting\.settings\.read/);
  writeFileSync(join(cwd, "xero-policy.json"), JSON.stringify({ scopes: ["files"], calls: [`deep/*/${stars}c.ts`] }));
  const { code, stderr } = await run(t, cwd, "check");
  assert.deepEqual([code, /no file is in .* or matches it/.test(stderr)], [2, true], stderr);
});

test("a pattern has stars, question marks, brackets and braces, and refuses what it would misread", { skip: windows }, async (t) => {
  const names = ["a.ts", "b.js", "c1.ts", "c2.ts", "[x].ts"];
  const cwd = place(t, Object.fromEntries(names.map((name) => [name, `GET /Nonsense${name.replace(/\W/g, "")}\n`])));
  mkdirSync(join(cwd, "d", "e"), { recursive: true });
  writeFileSync(join(cwd, "d", "e", "f.ts"), "GET /Nonsensefts\n");
  for (const [pattern, expected] of [
    ["*.ts", "ats c1ts c2ts xts"],
    ["{a,b}.{ts,js}", "ats bjs"],
    ["{a,d/e/f}.ts", "ats fts"],
    ["c?.ts", "c1ts c2ts"],
    ["c[2-9].ts", "c2ts"],
    ["c[!2].ts", "c1ts"],
    ["**/f.ts", "fts"],
    ["d/**", "fts"],
    ["./d/*/*.ts", "fts"],
    [join(cwd, "d/*/*.ts"), "fts"],
    ["[x].ts", "xts"],
    ["\\[?].ts", "xts"],
  ]) {
    const { stdout, stderr } = await run(t, cwd, "scopes", "--no-policy", "--format", "json", pattern);
    assert.ok(stdout, `${pattern}: ${stderr}`);
    const found = JSON.parse(stdout).unresolved.map(({ text }) => text.replace("GET /Nonsense", ""));
    assert.equal(found.sort().join(" "), expected, pattern);
  }
  const { code, stderr } = await run(t, cwd, "scopes", "--no-policy", "!(a).ts");
  assert.deepEqual([code, /patterns have \*, \*\*, \?/.test(stderr)], [2, true], stderr);
});
