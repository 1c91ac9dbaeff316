// The check in CI: annotations of GitHub Actions, baselines of old findings, environments of a policy file, and the action.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { describe, test } from "node:test";
import { createSimulator } from "xero-m2m/simulator";

const require = createRequire(import.meta.url);
const cli = join(dirname(require.resolve("xero-m2m/package.json")), "dist/cli.js");
const here = import.meta.dirname ?? dirname(new URL(import.meta.url).pathname);
const windows = process.platform === "win32";

/** A folder with these files. */
function place(t, files) {
  const made = mkdtempSync(join(tmpdir(), "xero-m2m-"));
  t.after(() => rmSync(made, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(made, name)), { recursive: true });
    writeFileSync(join(made, name), typeof content === "object" ? JSON.stringify(content) : content);
  }
  return made;
}

async function run(args, { cwd, env = {} }) {
  const unset = { GITHUB_WORKSPACE: undefined, FORCE_COLOR: undefined, COLUMNS: "120" };
  const child = spawn(process.execPath, [cli, ...args], { cwd, stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...unset, ...env } });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (data) => (stdout += data));
  child.stderr.setEncoding("utf8").on("data", (data) => (stderr += data));
  const [code] = await once(child, "close");
  return { code, stdout, stderr };
}

const APP = 'import { XeroClient } from "xero-node";\nconst { accountingApi } = new XeroClient();\nawait accountingApi.getInvoices(x);\nawait accountingApi.getContacts(x);\nawait accountingApi.getInvoics(x);\n';
const CHECK = ["check", "--scopes", "accounting.contacts", "app.ts"];

/** An annotation as the runner of GitHub Actions reads it: the same decoding as its `ActionCommand.TryParseV2`. */
function annotation(line) {
  const [, command, properties = "", message] = /^::([a-z]+)(?: (.*?))?::(.*)$/.exec(line) ?? assert.fail(`no command: ${line}`);
  const decoded = (text) => text.replaceAll("%0D", "\r").replaceAll("%0A", "\n").replaceAll("%3A", ":").replaceAll("%2C", ",").replaceAll("%25", "%");
  const pairs = properties.split(",").map((pair) => pair.split("="));
  return { command, message: decoded(message), ...Object.fromEntries(pairs.map(([name, ...value]) => [name, decoded(value.join("="))])) };
}

const annotations = ({ stdout }) => stdout.trimEnd().split("\n").map(annotation);

describe("github", () => {
  test("the verdict first, then each refused call and each place that was not read, at its line", async (t) => {
    const cwd = place(t, { "app.ts": APP });
    const result = await run([...CHECK, "--format", "github"], { cwd });
    assert.deepEqual([result.code, result.stderr], [1, "xero-m2m: exit code 1 for missing (2)\n"]);
    const [head, ...others] = annotations(result);
    assert.equal(head.command, "error");
    assert.match(head.message, /^NOT ALLOWED: 1 of 2 calls refused, .*1 more call is not in the catalogue\.$/);
    const at = others.filter(({ command }) => command === "error").map(({ file, line, title }) => [file, line, title]);
    assert.deepEqual(at, [["app.ts", "3", "Xero scopes: R28"], ["app.ts", "5", "Xero scopes: R28"]]);
  });

  test("paths start from the root of the repository, in which the program may run in a folder", async (t) => {
    const root = place(t, { "service/app.ts": APP });
    const [, refused] = annotations(await run([...CHECK, "--format", "github"], { cwd: join(root, "service"), env: { GITHUB_WORKSPACE: root } }));
    assert.equal(refused.file, "service/app.ts");
  });

  test("no name and no text becomes a command or a property", { skip: windows }, async (t) => {
    const name = "a,file=b%0A::error::x\n::stop-commands::y.ts";
    const cwd = place(t, { [name]: "accountingApi.getInvoices(x)\naccountingApi.getInvoics(x)\n" });
    const { stdout } = await run(["check", "--scopes", "accounting.contacts", "--format", "github", "."], { cwd });
    const found = annotations({ stdout });
    assert.ok(found.length >= 3);
    for (const { command } of found) assert.match(command, /^(?:error|warning|notice)$/);
    for (const { file } of found.filter(({ file }) => file !== undefined)) assert.match(file, /^a,file=b%0A::error::x.::stop-commands::y\.ts$/);
  });

  test("everything allowed is a notice, and no error", async (t) => {
    const cwd = place(t, {});
    const result = await run(["check", "--scopes", "accounting.contacts", "-c", "GET /Contacts", "--fail-on", "missing", "--format", "github"], { cwd });
    assert.equal(result.code, 0);
    assert.equal(annotations(result)[0].command, "notice");
    assert.equal(annotations(result).some(({ command }) => command === "error"), false);
  });
});

describe("baseline", () => {
  const BASELINE = ["--baseline", "old.json"];

  test("what was there does not fail, what is new does, and what is gone is named", async (t) => {
    const cwd = place(t, { "app.ts": APP });
    const written = await run([...CHECK, ...BASELINE, "--write-baseline"], { cwd });
    assert.equal(written.code, 0);
    assert.equal(written.stderr, 'xero-m2m: note: the baseline "old.json" has 2 findings, among them 1 place that could not be read or recognised\n');
    const same = await run([...CHECK, ...BASELINE], { cwd });
    assert.equal(same.code, 0, same.stderr);
    // The verdict is what it was, and the place that was not read is counted.
    assert.match(same.stdout, /^NOT ALLOWED: 1 of 2 calls refused/);
    assert.match(same.stdout, /2 old findings of the baseline old\.json are not listed; 1 place among them could not be read/);
    assert.doesNotMatch(same.stdout, /^Refused$/m);

    // Lines move, and one call more is new.
    writeFileSync(join(cwd, "app.ts"), `\n\n${APP}await accountingApi.getPayments(x);\n`);
    const more = await run([...CHECK, ...BASELINE], { cwd });
    assert.deepEqual([more.code, more.stderr], [1, "xero-m2m: exit code 1 for missing (1)\n"]);
    assert.match(more.stdout, /^Refused\n.*getPayments/m);
    assert.doesNotMatch(more.stdout, /getInvoices/);

    writeFileSync(join(cwd, "app.ts"), APP.replace("await accountingApi.getInvoices(x);", ""));
    const less = await run([...CHECK, ...BASELINE], { cwd });
    assert.equal(less.code, 0);
    assert.match(less.stdout.replaceAll(/\s+/g, " "), /No longer found: missing accounting\.getInvoices; --write-baseline removes it/);
    await run([...CHECK, ...BASELINE, "--write-baseline"], { cwd });
    assert.doesNotMatch(readFileSync(join(cwd, "old.json"), "utf8"), /getInvoices/);
  });

  test("one more place of the same text that could not be read is new", async (t) => {
    const cwd = place(t, { "app.ts": APP });
    await run([...CHECK, ...BASELINE, "--write-baseline"], { cwd });
    writeFileSync(join(cwd, "app.ts"), `${APP}await accountingApi.getInvoics(x);\n`);
    const { code, stderr } = await run([...CHECK, ...BASELINE], { cwd });
    assert.deepEqual([code, stderr], [1, "xero-m2m: exit code 1 for missing (1)\n"]);
  });

  test("what could not be opened is in no baseline", { skip: windows }, async (t) => {
    const cwd = place(t, { "src/app.ts": APP, "other/app.ts": APP });
    symlinkSync("../other", join(cwd, "src/link"));
    const args = ["check", "--scopes", "accounting.contacts", "src", ...BASELINE];
    assert.equal((await run([...args, "--write-baseline"], { cwd })).code, 1);
    const { code, stderr } = await run(args, { cwd });
    assert.equal(code, 1);
    assert.match(stderr, /exit code 1 for missing \(1\)/);
  });

  test("only what fails is written: what ends later is new when its time comes", async (t) => {
    const cwd = place(t, {});
    const args = ["check", "--scopes", "accounting.transactions", "-c", "POST /Invoices", "--fail-on", "expiring", ...BASELINE];
    const [early, late] = [["--on", "2026-12-01", "--within", "90"], ["--on", "2027-08-01", "--within", "90"]];
    await run([...args, ...early, "--write-baseline"], { cwd });
    assert.equal((await run([...args, ...early], { cwd })).code, 0);
    assert.equal((await run([...args, ...late], { cwd })).code, 1);
  });

  test("in json, sarif and annotations", async (t) => {
    const cwd = place(t, { "app.ts": APP });
    await run([...CHECK, ...BASELINE, "--write-baseline"], { cwd });
    writeFileSync(join(cwd, "app.ts"), `${APP}await accountingApi.getPayments(x);\n`);
    const of = (format) => run([...CHECK, ...BASELINE, "--format", format], { cwd });
    const { baseline, calls } = JSON.parse((await of("json")).stdout);
    assert.deepEqual(baseline, { file: "old.json", old: 2, notRead: 1, gone: [] });
    assert.equal(calls.length, 3);
    const states = JSON.parse((await of("sarif")).stdout).runs[0].results.filter(({ level }) => level === "error").map(({ baselineState }) => baselineState);
    assert.deepEqual(states.sort(), ["new", "unchanged", "unchanged"]);
    const [head, ...errors] = annotations(await of("github")).filter(({ command }) => command === "error");
    assert.match(head.message, /1 place among them could not be read/);
    assert.deepEqual(errors.map(({ line }) => line), ["6"]);
    const markdown = (await of("markdown")).stdout;
    assert.match(markdown, /2 old findings/);
    assert.match(markdown, /getPayments/);
    assert.doesNotMatch(markdown, /\| `await accountingApi\.getInvoices|getInvoices/);
  });

  test("bad use: no file, another file, no name", async (t) => {
    const cwd = place(t, { "app.ts": APP, "old.json": "{}", "prose.txt": "hello" });
    for (const [args, words] of [
      [["--baseline", "absent.json"], /absent\.json": there is no such file/],
      [["--baseline", "old.json"], /old\.json" is no baseline/],
      [["--baseline", "prose.txt", "--write-baseline"], /prose\.txt" is no baseline/],
      [["--write-baseline"], /--baseline FILE/],
    ]) {
      const { code, stderr } = await run([...CHECK, ...args], { cwd });
      assert.equal(code, 2, args.join(" "));
      assert.match(stderr, words);
    }
    assert.equal(readFileSync(join(cwd, "prose.txt"), "utf8"), "hello");
  });

  test("nothing that looks like a secret is written", async (t) => {
    const secret = "0123456789abcdef0123456789ABCDEF01";
    const cwd = place(t, { "app.ts": `fetch("https://api.xero.com/api.xro/2.0/Nothing/${secret}")\n` });
    await run(["check", "--scopes", "accounting.contacts", "app.ts", ...BASELINE, "--write-baseline"], { cwd });
    const text = readFileSync(join(cwd, "old.json"), "utf8");
    assert.match(text, /"unresolved"/);
    assert.doesNotMatch(text, new RegExp(secret));
  });
});

describe("environments", () => {
  const POLICY = {
    calls: ["app.ts"],
    deny: ["payroll.*"],
    environments: {
      production: { scopes: ["accounting.invoices", "accounting.contacts"] },
      staging: { scopes: ["accounting.contacts", "payroll.settings"], failOn: ["missing"] },
    },
  };
  const OK = APP.replace(/.*getInvoics.*\n/, "");

  test("all are checked and the worst decides; --env takes one", async (t) => {
    const cwd = place(t, { "app.ts": OK, "xero-policy.json": POLICY });
    const all = await run(["check"], { cwd });
    assert.deepEqual([all.code, all.stderr], [1, "xero-m2m: staging: exit code 1 for missing (1), forbidden by the policy file (1)\n"]);
    assert.match(all.stdout, /^== production ==\nALLOWED[^]*^== staging ==\nNOT ALLOWED/m);
    const one = await run(["check", "--env", "production"], { cwd });
    assert.equal(one.code, 0, one.stderr);
    assert.doesNotMatch(one.stdout, /staging/);
  });

  test("json by name, a run of SARIF and a heading for each, and the place of a scope in its own environment", async (t) => {
    const cwd = place(t, { "app.ts": OK, "xero-policy.json": JSON.stringify(POLICY, null, 2) });
    const of = async (format) => (await run(["check", "--format", format], { cwd })).stdout;
    const { environments } = JSON.parse(await of("json"));
    assert.deepEqual(Object.entries(environments).map(([name, { verdict }]) => [name, verdict]), [["production", "allowed"], ["staging", "refused"]]);
    const { runs } = JSON.parse(await of("sarif"));
    assert.deepEqual(runs.map(({ automationDetails }) => automationDetails.id), ["xero-m2m/check/production/", "xero-m2m/check/staging/"]);
    const denied = runs[1].results.find(({ ruleId }) => ruleId === "policy-deny");
    const line = JSON.stringify(POLICY, null, 2).split("\n").findIndex((text) => text.includes("payroll.settings")) + 1;
    assert.equal(denied.locations[0].physicalLocation.region.startLine, line);
    assert.match(await of("markdown"), /^## Xero scopes of production: [^]*^## Xero scopes of staging: not allowed/m);
    assert.deepEqual([...new Set(annotations({ stdout: await of("github") }).map(({ title }) => title.split(":")[0]))], ["Xero scopes of production", "Xero scopes of staging"]);
  });

  test("a baseline keeps what it has about environments that are not checked", async (t) => {
    const cwd = place(t, { "app.ts": OK, "xero-policy.json": POLICY });
    const baseline = ["--baseline", "old.json"];
    await run(["check", ...baseline, "--write-baseline"], { cwd });
    assert.equal((await run(["check", ...baseline], { cwd })).code, 0);
    await run(["check", "--env", "production", ...baseline, "--write-baseline"], { cwd });
    assert.equal((await run(["check", ...baseline], { cwd })).code, 0);
    const other = await run(["check", "--env", "production", ...baseline], { cwd });
    assert.doesNotMatch(other.stdout, /No longer found/);
  });

  test("assess takes all; a command about one connection asks which", async (t) => {
    const cwd = place(t, { "app.ts": OK, "xero-policy.json": POLICY });
    assert.match((await run(["assess"], { cwd })).stdout, /^== production ==[^]*^== staging ==/m);
    const { code, stderr } = await run(["plan"], { cwd });
    assert.equal(code, 2);
    assert.match(stderr, /choose one with --env, production or staging/);
    assert.equal((await run(["plan", "--env", "staging"], { cwd })).code, 0);
    const unknown = await run(["check", "--env", "prod"], { cwd });
    assert.equal(unknown.code, 2);
    assert.match(unknown.stderr, /--env "prod" is no environment of "xero-policy\.json"; there are production, staging/);
  });

  test("standard input is read once for all", async (t) => {
    const cwd = place(t, { "xero-policy.json": { ...POLICY, calls: undefined } });
    const child = spawnSync(process.execPath, [cli, "check", "--format", "json"], { cwd, input: "GET /Contacts\n", encoding: "utf8" });
    const { environments } = JSON.parse(child.stdout);
    assert.deepEqual(Object.values(environments).map(({ calls }) => calls.length), [1, 1]);
  });
});

describe("progress", () => {
  const large = () => "nothing to see here\n".repeat(150_000).concat("GET /Contacts\n");
  const script = spawnSync("script", ["--version"]).status === 0;

  test("none in a pipe or a file", async (t) => {
    const cwd = place(t, { "access.log": large() });
    const { stderr } = await run(["scopes", "access.log"], { cwd });
    assert.equal(stderr, "");
  });

  test("a line on a terminal while much is read, which the output replaces", { skip: !script && "there is no `script` to make a terminal with" }, (t) => {
    const cwd = place(t, { "access.log": large() });
    const { stdout } = spawnSync("script", ["-qec", `"${process.execPath}" "${cli}" scopes access.log`, "/dev/null"], { cwd, encoding: "utf8" });
    assert.match(stdout, /\r\u001b\[Kxero-m2m: reading calls \.\.\.\r\u001b\[K/);
    assert.doesNotMatch(stdout.slice(stdout.lastIndexOf("\u001b[K")), /reading calls/);
  });
});

test("a message about an error code names the command that explains it", async (t) => {
  const local = createSimulator({ invoices: 1 });
  await local.listen();
  t.after(() => local.close());
  const cwd = place(t, { "folder.vault/file": "" });
  const env = { ...local.env, XERO_CLIENT_SECRET: "not the secret of this connection" };
  const doctor = await run(["doctor"], { cwd, env });
  assert.match(doctor.stdout.replaceAll(/\s+/g, " "), /See npx xero-m2m explain invalid_client\./);
  const vault = await run(["vault", "folder.vault"], { cwd, env });
  assert.equal(vault.code, 1);
  assert.match(vault.stderr, /; see npx xero-m2m explain vault_unavailable\n$/);
});

describe("the action", { skip: windows }, () => {
  // A stand-in for the runner of GitHub Actions: `npx` is the program under test, the inputs are variables.
  const folder = join(here, "../action");
  const metadata = readFileSync(join(folder, "action.yml"), "utf8");
  /** The lines `NAME: value` of a block, without a parser of YAML. */
  const inputs = Object.fromEntries([...metadata.matchAll(/^ {2}([\w-]+):\n {4}description: .*\n {4}default: "(.*)"$/gm)].map(([, name, value]) => [name, value]));
  const variables = [...metadata.matchAll(/^ {8}(XERO_\w+): \$\{\{ inputs\.([\w-]+) \}\}$/gm)];

  async function act(t, given, files) {
    const cwd = place(t, files);
    const bin = place(t, { npx: `#!/bin/sh\nprintf '%s\\n' "$*" >> "${cwd}/npx.log"\n[ "$1" = --yes ] || [ "$1" = --no-install ] || exit 9\nshift 2\nexec "${process.execPath}" "${cli}" "$@"\n` });
    chmodSync(join(bin, "npx"), 0o755);
    const all = { ...inputs, ...given };
    const [, command] = /^ {6}run: (.*)$/m.exec(metadata);
    const child = spawnSync("bash", ["--noprofile", "--norc", "-eo", "pipefail", "-c", command], {
      cwd: join(cwd, all["working-directory"]),
      encoding: "utf8",
      env: {
        PATH: `${bin}${delimiter}${process.env.PATH}`,
        GITHUB_ACTION_PATH: folder,
        GITHUB_WORKSPACE: cwd,
        GITHUB_STEP_SUMMARY: join(cwd, "summary.md"),
        ...Object.fromEntries(variables.map(([, variable, input]) => [variable, all[input] ?? assert.fail(input)])),
      },
    });
    const read = (name) => {
      try {
        return readFileSync(join(cwd, name), "utf8");
      } catch {
        return "";
      }
    };
    return { cwd, code: child.status, stdout: child.stdout, stderr: child.stderr, summary: read("summary.md"), npx: read("npx.log") };
  }

  test("every input has a description, a default and a variable", () => {
    const declared = [...metadata.split("\nruns:")[0].matchAll(/^ {2}([\w-]+):$/gm)].map(([, name]) => name);
    assert.deepEqual(Object.keys(inputs), declared);
    assert.deepEqual(variables.map(([, , input]) => input).sort(), declared.filter((name) => name !== "working-directory").sort());
    assert.doesNotMatch(metadata.slice(metadata.indexOf("run:")), /\$\{\{/, "no input is a part of the script");
  });

  test("it marks lines, writes the summary, and ends as the check does", async (t) => {
    const { code, stdout, summary, npx } = await act(t, { scopes: "accounting.contacts", files: "*.ts" }, { "app.ts": APP });
    assert.equal(code, 1);
    assert.equal(annotations({ stdout })[1].file, "app.ts");
    assert.match(summary, /^## Xero scopes: not allowed/);
    assert.match(npx, new RegExp(`^--yes xero-m2m@${inputs.version.replaceAll(".", "\\.")} check --format github --scopes accounting\\.contacts \\*\\.ts$`, "m"));
  });

  test("in a folder, by its policy file, with the program that is installed there", async (t) => {
    const files = {
      "service/app.ts": APP,
      "service/node_modules/.bin/xero-m2m": "",
      "service/xero-policy.json": { calls: ["app.ts"], environments: { a: { scopes: ["accounting.contacts"] }, b: { scopes: ["accounting.contacts", "accounting.invoices"] } } },
    };
    const { code, stdout, npx, summary } = await act(t, { "working-directory": "service", env: "a", summary: "false" }, files);
    assert.equal(code, 1);
    assert.equal(annotations({ stdout })[1].file, "service/app.ts");
    assert.match(npx, /^--no-install xero-m2m check/);
    assert.equal(summary, "");
  });

  test("texts of inputs are no commands", async (t) => {
    const { cwd, npx } = await act(t, { scopes: '"; touch broken; $(touch broken) `touch broken`', files: "app.ts" }, { "app.ts": APP });
    assert.equal(existsSync(join(cwd, "broken")), false);
    assert.match(npx, /--scopes "; touch broken; \$\(touch broken\) `touch broken` app\.ts/);
  });

  test("bad use ends with 2 and writes no summary", async (t) => {
    const { code, stderr, summary, npx } = await act(t, { scopes: "accounting.contacts", files: "absent.ts" }, { "app.ts": APP });
    assert.equal(code, 2);
    assert.match(stderr, /there is no file "absent\.ts"/);
    assert.equal(summary, "");
    assert.equal(npx.trimEnd().split("\n").length, 1);
  });

  test("without calls it fails, and waits for no input", async (t) => {
    const { code, stderr } = await act(t, { scopes: "accounting.contacts" }, {});
    assert.equal(code, 2);
    assert.match(stderr, /nothing in "stdin"/);
  });
});
