// `explain`, the help without a command, and completion, as people and shells use them.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { test } from "node:test";
import Ajv2020 from "ajv/dist/2020.js";
import { catalogue, explain } from "xero-m2m/policy";
import { failure } from "./support.mjs";

const require = createRequire(import.meta.url);
const cli = join(dirname(require.resolve("xero-m2m/package.json")), "dist/cli.js");
const ajv = new Ajv2020({ strict: false });
ajv.addSchema(JSON.parse(readFileSync(require.resolve("xero-m2m/policy.schema.json"), "utf8")), "policy");
const isValid = ajv.getSchema("policy#/$defs/Explanation");

function run(...args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], { encoding: "utf8" });
  return { status, stdout, stderr };
}

test("every row of the catalogue is explained, by the published schema", () => {
  for (const { id } of catalogue.rules) assert.equal(explain(id).rules[0].id, id);
  for (const { name } of catalogue.scopes) assert.equal(explain(name).scopes[0].scope.name, name);
  const found = explain("POST /Invoices");
  assert.ok(isValid(found), JSON.stringify(isValid.errors));
  assert.deepEqual(found.operations.map(({ key }) => key), ["accounting.updateOrCreateInvoices"]);
  assert.ok(isValid(explain("acounting.invoices")));
});

test("a word that is no text is refused", async () => {
  assert.equal((await failure((async () => explain(7))())).code, "invalid_option");
});

for (const [args, words] of [
  [["R28"], [/^Rule R28\n/, /Sources/, /https:\/\//]],
  [["invalid_scope"], [/^Error code invalid_scope\n/, /To do: Ask for configured scopes only/]],
  [["accounting.invoices"], [/^Scope accounting\.invoices\n/, /opens \d+ operations/, /and \d+ more: --all/]],
  [["accounting.transactions", "--all"], [/replaced by/, /2027/, /POST \/api\.xro\/2\.0\/Invoices/]],
  [["POST /Invoices"], [/^POST \/api\.xro\/2\.0\/Invoices \(accounting\.updateOrCreateInvoices\)/, /accounting\.invoices/]],
  [["POST", "/Invoices"], [/^POST \/api\.xro\/2\.0\/Invoices/]],
]) {
  test(`explain ${args.join(" ")}`, () => {
    const { status, stdout, stderr } = run("explain", ...args);
    assert.deepEqual([status, stderr], [0, ""]);
    for (const word of words) assert.match(stdout, word);
  });
}

test("an unknown word is answered with the nearest ones and exit code 2, in both formats", () => {
  const text = run("explain", "acounting.invoices");
  assert.deepEqual([text.status, text.stdout], [2, ""]);
  assert.match(text.stderr, /^xero-m2m: "acounting\.invoices" is no rule, .*; the nearest are: accounting\.invoices/);
  const json = run("explain", "acounting.invoices", "--format", "json");
  assert.deepEqual([json.status, JSON.parse(json.stdout).nearest[0]], [2, "accounting.invoices"]);
  assert.match(run("explain", "xyzzy plugh").stderr, /names look like R28/);
  const secret = "0123456789ABCDEF0123456789ABCDEF";
  assert.ok(!run("explain", secret).stderr.includes(secret));
});

test("without a command the help is shown", () => {
  const { status, stdout } = run();
  assert.equal(status, 0);
  assert.equal(stdout, run("--help").stdout);
});

test("the help of a command that there is not is refused in a line", () => {
  assert.equal(run("help", "check").stdout, run("check", "--help").stdout);
  assert.deepEqual(run("help", "nothing"), { status: 2, stdout: "", stderr: 'xero-m2m: unknown command "nothing"; see xero-m2m --help\n' });
});

/** The words that bash offers after a line. */
function offered(words) {
  const script = `${run("completion", "bash").stdout}
COMP_WORDS=(xero-m2m ${words.join(" ")}); COMP_CWORD=${words.length}; _xero_m2m; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync("bash", ["--norc", "-c", script], { encoding: "utf8" });
  assert.equal(stderr, "");
  return stdout.split("\n").filter(Boolean);
}

test("bash completes commands, options and their values, all that --help names", { skip: spawnSync("bash", ["--version"]).error !== undefined }, () => {
  const commands = [...run("--help").stdout.matchAll(/^ {2}(\w+) (?:[[<]| {2})/gm)].map(([, name]) => name);
  assert.ok(commands.length > 10);
  const first = offered(['""']);
  for (const command of commands) assert.ok(first.includes(command), command);
  for (const command of commands.filter((name) => name !== "help")) {
    const options = [...run(command, "--help").stdout.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)].map(([, flag]) => flag);
    assert.deepEqual(options.filter((flag) => !offered([command, "--"]).includes(flag)), [], command);
  }
  assert.deepEqual(offered(["ver"]), ["verify"]);
  assert.deepEqual(offered(["check", "--format", "js"]), ["json"]);
  assert.deepEqual(offered(["completion", "z"]), ["zsh"]);
});

test("zsh accepts its script", { skip: spawnSync("zsh", ["--version"]).error !== undefined }, () => {
  const { stdout } = run("completion", "zsh");
  const { status, stderr } = spawnSync("zsh", ["-f", "-n"], { input: stdout, encoding: "utf8" });
  assert.deepEqual([status, stderr], [0, ""]);
});

test("the script of zsh names every command, and another shell is refused", () => {
  const { status, stdout } = run("completion", "zsh");
  assert.equal(status, 0);
  for (const name of ["verify", "explain", "simulate"]) assert.match(stdout, new RegExp(`^    ${name}\\) _arguments`, "m"));
  const other = run("completion", "fish");
  assert.deepEqual([other.status, other.stdout], [2, ""]);
});
