// The program as people and CI run it: subprocesses of the packed package.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { after, before, describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import Ajv2020 from "ajv/dist/2020.js";
import Ajv04 from "ajv-draft-04";
import addFormats from "ajv-formats";
import { assess, catalogue, checkScopes, planChange, requiredScopes } from "xero-m2m/policy";
import { createSimulator } from "xero-m2m/simulator";

const require = createRequire(import.meta.url);
const cli = join(dirname(require.resolve("xero-m2m/package.json")), "dist/cli.js");

/** Texts that must not be in any output. */
const JWT = `${["eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9", "eyJzY29wZSI6WyJhY2NvdW50aW5nLnNldHRpbmdzIl0sImV4cCI6MX0"].join(".")}.c2lnbmF0dXJlLW9mLXRoZS10ZXN0cw`;
const PARTS = JWT.split(".");

const APP = `const { accountingApi } = xero;
await accountingApi.getInvoices(tenantId);
log("😀"); await accountingApi.getItems(tenantId); await accountingApi.getInvoics(tenantId);\r
await accountingApi.getJournals(tenantId);
`;
const SCOPES = "accounting.transactions accounting.contacts accounting.reports.balancesheets.read files";
const DAYS = { createdOn: "2025-02-01", on: "2026-11-24" };
const CREATED = ["--created-on", DAYS.createdOn, "--on", DAYS.on];

let folder;
before(() => {
  folder = mkdtempSync(join(tmpdir(), "xero m2m "));
  for (const name of ["src/node_modules", "hollow", "pictures"]) mkdirSync(join(folder, name), { recursive: true });
  const files = {
    "src/app.ts": APP,
    "src/node_modules/other.ts": "accountingApi.getContacts(x)",
    "pictures/a.png": Buffer.from([0x89, 0x50, 0, 0, 1]),
    "src/picture.png": Buffer.from([0x89, 0x50, 0, 0, 1]),
    "scopes.txt": SCOPES.replaceAll(" ", "\n"),
    "access.log": '1.2.3.4 - - [24/Nov/2026:10:00:00 +0000] "GET /api.xro/2.0/Invoices HTTP/1.1" 200 17\n',
    "a b#.log": "GET /Invoices\n",
    "empty.txt": " \n",
    "prose.txt": "nothing to see here\n",
  };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** A folder of its own with these files. */
function place(t, files) {
  const made = mkdtempSync(join(tmpdir(), "xero-m2m-"));
  t.after(() => rmSync(made, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(
      join(made, name),
      typeof content === "object" && !Buffer.isBuffer(content) ? JSON.stringify(content) : content,
    );
  }
  return made;
}

const PLAIN = { ...process.env, COLUMNS: undefined, FORCE_COLOR: undefined, NO_COLOR: undefined };

/** Runs it. In any case no stack and no token of the tests is in the output. */
async function run(args, { input, env = {}, cwd = folder } = {}) {
  const stdio = [input === undefined ? "ignore" : "pipe", "pipe", "pipe"];
  const child = spawn(process.execPath, [cli, ...args], { cwd, stdio, env: { ...PLAIN, ...env } });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (data) => (stdout += data));
  child.stderr.setEncoding("utf8").on("data", (data) => (stderr += data));
  child.stdin?.on("error", () => {});
  child.stdin?.end(input);
  const [code] = await once(child, "close");
  assert.doesNotMatch(stderr, /^\s+at /m, "a stack");
  for (const part of PARTS) assert.ok(!`${stdout}${stderr}`.includes(part), `a token in the output of ${args[0]}`);
  return { code, stdout, stderr };
}

const results = ({ stdout }) => JSON.parse(stdout).runs[0].results;

/** Checks against a definition of the published schema. */
const answers = new Ajv2020({ strict: false, validateFormats: false });
answers.addSchema(require("xero-m2m/policy.schema.json"), "answers");
function assertAnswer(name, text) {
  const answer = JSON.parse(text);
  const valid = answers.validate({ $ref: `answers#/$defs/${name}` }, answer);
  assert.ok(valid, answers.errorsText());
  return answer;
}

// One of its patterns is no regular expression with the flag `u`.
const sarif = new Ajv04({ strict: false, allErrors: true, unicodeRegExp: false });
addFormats(sarif);
const validSarif = sarif.compile(require("@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json"));
function assertSarif(text) {
  const log = JSON.parse(text);
  assert.ok(validSarif(log), JSON.stringify(validSarif.errors?.slice(0, 3)));
  return log;
}

const COMMANDS = {
  scopes: ["scopes", "src/app.ts"],
  check: ["check", "--scopes", SCOPES, ...CREATED, "src/app.ts"],
  plan: ["plan", "--from", SCOPES, ...CREATED, "src/app.ts"],
  assess: ["assess", "--scopes", SCOPES, ...CREATED, "--region", "au"],
};

describe("json", () => {
  /** With the file of each call, which the library does not know. */
  const located = (answer) => {
    const named = (call) => ({ ...call, file: "src/app.ts" });
    return { ...answer, calls: answer.calls.map(named), unresolved: answer.unresolved.map(named) };
  };
  const { scopes: aim, reading, unresolved } = requiredScopes(APP, { scopes: SCOPES, ...DAYS });
  const expected = {
    scopes: ["RequiredScopes", located(requiredScopes(APP))],
    check: ["CheckedScopes", located(checkScopes({ scopes: SCOPES, calls: APP, ...DAYS }))],
    plan: ["ChangePlan", { ...planChange({ from: SCOPES, to: aim, unread: unresolved.length, ...DAYS }), reading, unresolved }],
    assess: ["Assessment", assess({ scopes: SCOPES, region: "AU", ...DAYS })],
  };
  for (const [name, [definition, answer]] of Object.entries(expected)) {
    test(`${name}: one document, the answer of the library, as the schema says`, async () => {
      const { stdout } = await run([...COMMANDS[name], "--format", "json"]);
      assert.deepEqual(assertAnswer(definition, stdout), JSON.parse(JSON.stringify(answer)));
    });
  }

  test("the schema check can fail", () => {
    assert.throws(() => assertAnswer("Assessment", JSON.stringify({ ...expected.assess[1], on: 5 })));
  });
});

describe("sarif", () => {
  for (const name of ["scopes", "check", "assess"]) {
    test(`${name}: valid by the official schema, with every rule of the catalogue`, async () => {
      const { stdout } = await run([...COMMANDS[name], "--format", "sarif"]);
      const log = assertSarif(stdout);
      assert.equal(log.version, "2.1.0");
      const [{ tool, results }] = log.runs;
      const rules = tool.driver.rules.map(({ id }) => id);
      for (const { id, text } of catalogue.rules) {
        const rule = tool.driver.rules.find((rule) => rule.id === id);
        assert.ok(rule.help.text.includes(text), id);
        assert.match(rule.helpUri, /^https:\/\/developer\.xero\.com\//);
      }
      assert.ok(results.length > 0);
      for (const { ruleId, ruleIndex } of results) assert.equal(rules[ruleIndex], ruleId);
    });
  }

  test("the schema check can fail", () => {
    assert.throws(() => assertSarif('{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"x"}},"results":[{}]}]}'));
  });

  test("check: each refused call as an error at its place, in UTF-16 columns", async () => {
    const { stdout } = await run([...COMMANDS.check, "--format", "sarif"]);
    const [{ columnKind, results }] = JSON.parse(stdout).runs;
    assert.equal(columnKind, "utf16CodeUnits");
    const found = results
      .filter(({ properties }) => ["missing", "unresolved"].includes(properties.kind))
      .map(({ level, locations: [{ physicalLocation: at }] }) => [
        level,
        at.artifactLocation.uri,
        Object.values(at.region),
      ]);
    const lines = APP.split("\n");
    const at = (line, text) => {
      const column = lines[line - 1].indexOf(text) + 1;
      return ["error", "src/app.ts", [line, column, column + text.length]];
    };
    assert.deepEqual(found, [
      at(3, "accountingApi.getItems"),
      at(4, "accountingApi.getJournals"),
      at(3, "accountingApi.getInvoics"),
    ]);
    for (const { locations } of results) assert.ok(locations?.length, "code scanning shows nothing without a place");
  });

  test("names of files are relative and encoded; what is no file has no address", async () => {
    const file = await run(["check", "--scopes", "files", "a b#.log", "--format", "sarif"]);
    assert.equal(results(file)[0].locations[0].physicalLocation.artifactLocation.uri, "a%20b%23.log");
    const argument = await run(["check", "--scopes", "files", "-c", "GET /Invoices", "--format", "sarif"]);
    assertSarif(argument.stdout);
    assert.equal(results(argument)[0].locations[0].physicalLocation, undefined);
    const outside = await run(["check", "--scopes", "files", join(folder, "access.log"), "--format", "sarif"], {
      cwd: tmpdir(),
    });
    assertSarif(outside.stdout);
    assert.match(
      decodeURI(results(outside)[0].locations[0].physicalLocation.artifactLocation.uri),
      /xero m2m .*access\.log$/,
    );
  });

  test("severities become levels, and what merely holds is no alert", async () => {
    const alerts = results(await run([...COMMANDS.assess, "--format", "sarif"]));
    const { findings } = assess({ scopes: SCOPES, region: "AU", ...DAYS });
    const levels = { error: "error", warning: "warning", info: "note" };
    for (const [index, { kind, severity, rule }] of findings.entries()) {
      const holds = kind === "fact" || kind === "advice";
      assert.equal(alerts[index].ruleId, rule);
      assert.equal(alerts[index].level, holds ? "none" : levels[severity]);
      assert.equal(alerts[index].kind, holds ? "informational" : undefined);
    }
  });
});

describe("markdown", () => {
  test("plan: the ticket of the library", async () => {
    const args = ["plan", "--from", SCOPES, "--to", "accounting.invoices", ...CREATED, "--user", "Kim", "--format", "markdown"];
    const answer = planChange({ from: SCOPES, to: "accounting.invoices", authorisingUser: "Kim", ...DAYS });
    assert.equal(answer.recommended, "cautious");
    assert.equal((await run(args)).stdout, answer.cautious.markdown);
    assert.equal((await run([...args, "--cautious"])).stdout, answer.cautious.markdown);
    assert.equal((await run([...args, "--full"])).stdout, answer.markdown);
  });

  test("plan: what only older connections hold and a call needs is kept or added, and that is uncertain where it is", async () => {
    const plan = async (call, from) => {
      const { stdout, stderr } = await run(["plan", "--from", from, "--call", call, ...CREATED, "--format", "json"]);
      return { ...JSON.parse(stdout), stderr };
    };
    const from = "accounting.transactions accounting.journals.read";
    const kept = await plan("GET /Journals\nGET /Invoices", from);
    assert.deepEqual(kept.scopes, ["accounting.invoices.read", "accounting.journals.read"]);
    assert.deepEqual(kept.oneWayDoors.map((door) => door.scope), ["accounting.transactions"]);
    assert.doesNotMatch(kept.stderr, /Journals/);
    assert.deepEqual((await plan("GET /Journals", "accounting.journals.read")).steps, []);
    const lacking = await plan("GET /Journals\nGET /Invoices", "accounting.transactions");
    assert.deepEqual(lacking.scopes, ["accounting.invoices.read", "accounting.journals.read", "accounting.transactions"]);
    assert.match(lacking.steps[0].why.text, /whether this connection can get accounting\.journals\.read is not certain/);
    const newer = await run(["plan", "--from", "accounting.contacts", "-c", "GET /Journals", "-c", "GET /Invoices", "--created-on", "2026-06-01"]);
    assert.match(newer.stderr, /accounting\.getJournals/);
  });

  test("check, scopes, assess: a heading that says how it is, the calls and their places", async () => {
    const [check, scopes, assess] = await Promise.all(
      ["check", "scopes", "assess"].map((name) => run([...COMMANDS[name], "--format", "markdown"])),
    );
    assert.match(check.stdout, /^## .*not allowed.*2 of 3 calls refused/);
    assert.match(check.stdout, /^\| `accountingApi\.getItems` \| `src\/app\.ts:3:\d+` \|/m);
    assert.match(scopes.stdout, /^```\naccounting\.invoices\.read\n```$/m);
    assert.match(assess.stdout, /^\*\*Broad scopes end in 2027-09/m);
  });

  test("what comes from outside is no markup", async (t) => {
    const cwd = place(t, { "`@me` <img> a|b.log": "GET /Nonsense\nGET /Invoices\n" });
    const { stdout } = await run(["check", "--scopes", "files", ".", "--format", "markdown"], { cwd });
    // As GitHub reads it: a bar that is not escaped ends a cell, and code ends at as many backticks as began it.
    const cells = stdout.split("\n").flatMap((line) => line.split(/(?<!\\)\|/));
    const found = cells.filter((cell) => cell.includes("@me"));
    assert.equal(found.length, 2);
    for (const cell of found) {
      const outside = cell.replaceAll(/(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)/g, "");
      assert.doesNotMatch(outside, /@me|<img>/, cell);
    }
  });
});

/** Returns true if a line is as short as it can be: a word that cannot be broken, behind its introduction. */
function narrow(line, width) {
  const [, before, word] = /^(.*\s)(\S+)$/.exec(line) ?? ["", "", line];
  return before.length <= 18 && before.length + word.length > width;
}

describe("text", () => {
  const broader = `${SCOPES} accounting.journals.read`;
  const BROADER = ["plan", "--from", broader, "--to", "accounting.invoices.read", ...CREATED];

  test("check: says first whether it is allowed, then where not", async () => {
    const { stdout } = await run(COMMANDS.check);
    assert.match(stdout, /^NOT ALLOWED: 2 of 3 calls refused, 3 calls found; 1 more call is not in the\ncatalogue\n/);
    const line = APP.split("\n")[2];
    assert.ok(stdout.includes(`src/app.ts:3:${line.indexOf("accountingApi.getItems") + 1}  accountingApi.getItems`));
    assert.ok(
      stdout.includes(`src/app.ts:3:${line.indexOf("accountingApi.getInvoics") + 1}  accountingApi.getInvoics`),
    );
    const fine = await run(["check", "--scopes", "accounting.invoices.read", "-c", "GET /Invoices"]);
    assert.match(fine.stdout, /^ALLOWED: 1 call allowed\n/);
  });

  test("scopes: the set by itself, a name a line", async () => {
    const { stdout } = await run(COMMANDS.scopes);
    assert.deepEqual(stdout.split("\n\n")[1].split("\n"), ["  accounting.invoices.read"]);
  });

  test("plan: the one-way doors come first, in a box", async () => {
    const { stdout } = await run(BROADER);
    const lines = stdout.split("\n");
    const end = lines.findIndex((line, index) => index > 0 && line.startsWith("+"));
    assert.match(lines[0], /^\+-+\+$/);
    const box = lines.slice(1, end);
    for (const line of box) assert.match(line, /^\| .* \|$/);
    assert.equal(new Set(lines.slice(0, end + 1).map((line) => line.length)).size, 1, "its edge is straight");
    const doors = box.join(" ");
    for (const scope of ["accounting.transactions", "accounting.journals.read"]) assert.ok(doors.includes(scope));
    const closed = await run([
      "plan",
      "--from",
      "accounting.contacts",
      "--to",
      "accounting.contacts.read",
      "--on",
      DAYS.on,
    ]);
    assert.doesNotMatch(closed.stdout, /^\+-/m);
  });

  const seen = {};
  for (const width of [120, 80, 60, 40]) {
    test(`it fits ${width} columns, and no name of a scope is broken`, async () => {
      const words = (text) => text.split(/[\s|+]+/).filter(Boolean);
      for (const args of [...Object.values(COMMANDS), BROADER]) {
        const env = { COLUMNS: String(width) };
        const { stdout } = await run([...args, "--all"], { env });
        // A word that is wider than the page stands out, and a box grows with it.
        const widest = Math.max(...words(stdout).map((word) => word.length));
        for (const line of stdout.split("\n")) {
          const standsOut = words(line).length === 1 || (/^[|+]/.test(line) && widest + 4 > width);
          assert.ok(line.length <= width || standsOut || narrow(line, width), `${width}: ${line}`);
        }
        // The same words at every width: none is broken, none is lost.
        const now = words(stdout).filter((word) => !/^-+$/.test(word));
        assert.deepEqual(now, (seen[args] ??= now));
      }
    });
  }

  test("colour: never into a pipe, unless FORCE_COLOR asks for it; NO_COLOR and --no-color win", async () => {
    const coloured = async (env, ...more) => /\u001b\[/.test((await run([...COMMANDS.check, ...more], { env })).stdout);
    assert.equal(await coloured({}), false);
    assert.equal(await coloured({ FORCE_COLOR: "1" }), true);
    assert.equal(await coloured({ FORCE_COLOR: "0" }), false);
    assert.equal(await coloured({ FORCE_COLOR: "1", NO_COLOR: "1" }), false);
    assert.equal(await coloured({ FORCE_COLOR: "1" }, "--no-color"), false);
    const { stdout } = await run([...COMMANDS.check, "--format", "json"], { env: { FORCE_COLOR: "1" } });
    assert.doesNotMatch(stdout, /\u001b/);
  });

  const script = spawnSync("script", ["--version"]).status === 0;
  test("colour on a terminal", { skip: !script && "there is no `script` to make a terminal with" }, () => {
    const colours = (env) => {
      const command = `"${process.execPath}" "${cli}" check --scopes files -c "GET /Invoices"`;
      return spawnSync("script", ["-qec", command, "/dev/null"], {
        cwd: folder,
        env: { ...PLAIN, TERM: "xterm", ...env },
        encoding: "utf8",
      }).stdout;
    };
    assert.match(colours({}), /\u001b\[1m\u001b\[31mNOT ALLOWED/);
    assert.doesNotMatch(colours({ NO_COLOR: "1" }), /\u001b\[/);
    assert.doesNotMatch(colours({ TERM: "dumb" }), /\u001b\[/);
  });

  test("nothing that a terminal would obey gets through", async () => {
    const { stdout, stderr } = await run([
      "check",
      "--scopes",
      "files \u001b[2Jx",
      "-c",
      "GET /a\u001b]0;gone\u0007b",
      "-c",
      "GET /Invoices",
    ]);
    assert.doesNotMatch(stdout + stderr, /[\u0000-\u0009\u000b-\u001f\u009b]/);
  });
});

describe("exit codes", () => {
  const check = (failOn, ...more) => run([...COMMANDS.check, ...(failOn ? ["--fail-on", failOn] : []), ...more]);

  test("check: 1 for what --fail-on names, and standard error says for what", async () => {
    const cases = {
      "": 1,
      missing: 1,
      // Not everything was read, so nothing is called unused or broad.
      unused: 0,
      broad: 0,
      uncertain: 1,
      unknown: 1,
      expiring: 1,
      impossible: 0,
      none: 0,
      "impossible,unknown": 1,
    };
    for (const [failOn, code] of Object.entries(cases)) {
      const ended = await check(failOn);
      assert.equal(ended.code, code, failOn);
      const reason = failOn.split(",").at(-1) || "missing";
      assert.match(ended.stderr, code ? new RegExp(`^xero-m2m: exit code 1 for ${reason} \\(\\d+\\)\\n$`) : /^$/);
    }
  });

  test("check: an unresolved call alone is missing", async () => {
    const { code, stderr } = await run([
      "check",
      "--scopes",
      "accounting.invoices",
      "-c",
      "GET /Invoices",
      "-c",
      "GET /Nonsense",
    ]);
    assert.deepEqual([code, stderr], [1, "xero-m2m: exit code 1 for missing (1)\n"]);
  });

  test("check: expiring only within the days that are named", async () => {
    assert.equal((await check("expiring", "--within", "281")).code, 1);
    assert.equal((await check("expiring", "--within", "280")).code, 0);
    assert.equal((await check("expiring", "--within", "2027-09-01")).code, 1);
    assert.equal((await check("expiring", "--within", "2027-08-31")).code, 0);
  });

  test("a time alone warns of what ends within it: broad scopes in September 2027, classic expenses in February 2027", async () => {
    const checked = (within, call, ...more) => run(["check", "--scopes", "accounting.transactions", ...CREATED, "-c", call, "--within", within, ...more]);
    assert.deepEqual([(await checked("281", "GET /Invoices")).code, (await checked("280", "GET /Invoices")).code], [1, 0]);
    const { code, stderr, stdout } = await checked("2027-02-01", "GET /Receipts");
    assert.deepEqual([code, stderr], [1, "xero-m2m: exit code 1 for expiring (1)\n"]);
    assert.match(stdout, /Xero ends accounting\.getReceipts in February 2027; 69 days left/);
    assert.equal((await checked("2027-01-31", "GET /Receipts")).code, 0);
    // Kinds that are given are the only ones.
    const unheeded = await checked("281", "GET /Invoices", "--fail-on", "missing");
    assert.deepEqual([unheeded.code, unheeded.stderr], [0, "xero-m2m: note: --within has no effect: --fail-on does not have the kind expiring\n"]);
    assert.equal((await checked("280", "GET /Invoices", "--fail-on", "missing,expiring")).code, 0);
    const assessed = await run(["assess", "--scopes", "accounting.transactions", ...CREATED, "--within", "281"]);
    assert.deepEqual([assessed.code, assessed.stderr], [1, "xero-m2m: exit code 1 for expiring (1)\n"]);
  });

  test("assess and plan list what to do by when", async () => {
    const tasks = /What to do by when\n {2}By February 2027, in 69 days at the earliest: find out whether .*ExpenseClaims or\s+Receipts.* \(R37\)\n {2}By September 2027 \(third parties report 13 September 2027\), in 281 days/s;
    for (const args of [["assess", "--scopes", "accounting.transactions"], ["plan", "--from", "accounting.transactions", "--to", "accounting.invoices"]]) {
      const text = (await run([...args, ...CREATED])).stdout;
      assert.match(text, tasks, args[0]);
      const markdown = (await run([...args, ...CREATED, "--format", "markdown"])).stdout;
      assert.match(markdown, /What to do by when/, args[0]);
      assert.match(markdown, /By February 2027.*\n.*By September 2027/, args[0]);
      const { due } = JSON.parse((await run([...args, ...CREATED, "--format", "json"])).stdout);
      assert.deepEqual(due.map(({ deadline }) => deadline.date), ["2027-02", "2027-09"], args[0]);
    }
  });

  test("the other commands fail only if they are asked to", async () => {
    for (const [args, code] of [
      [["assess", "--scopes", "files accounting.invoces", "--fail-on", "unknown"], 1],
      [["assess", "--scopes", "files accounting.invoices", "--fail-on", "unknown"], 0],
      [["assess", "--scopes", "files", "--region", "SG", "--fail-on", "unsuitable"], 1],
      [COMMANDS.scopes, 0],
      [[...COMMANDS.scopes, "--fail-on", "missing"], 1],
      [["scopes", "-c", "GET /Invoices", "--fail-on", "missing"], 0],
      [COMMANDS.assess, 0],
      [[...COMMANDS.assess, "--fail-on", "expiring"], 1],
      [[...COMMANDS.assess, "--fail-on", "expiring", "--within", "9"], 0],
      [COMMANDS.plan, 0],
      [[...COMMANDS.plan, "--fail-on", "uncertain"], 1],
      [["plan", "--from", "accounting.transactions", "--to", "accounting.invoices", "--created-on", "2025-02-01", "--fail-on", "oneway"], 1],
    ]) {
      assert.equal((await run(args)).code, code, args.join(" "));
    }
  });

  test("each kind of app has its own rules", async () => {
    const said = async (...args) => (await run(args)).stdout.replaceAll(/\s+/g, " ");
    const web = ["--app", "web", "--created-on", "2026-06-01"];
    const plan = await said("plan", ...web, "--from", "accounting.contacts offline_access", "--to", "accounting.contacts accounting.invoices offline_access");
    assert.match(plan, /npx xero-m2m login --client-id ID --scopes/);
    assert.doesNotMatch(plan, /deactivates|stays off/);
    assert.match(await said("scopes", "--app", "web", "-c", "GET /Journals"), /Not open to every Web app/);
    const broad = await run(["assess", "--app", "pkce", "--created-on", "2026-03-02", "--scopes", "accounting.transactions", "--fail-on", "impossible"]);
    assert.equal(broad.code, 1);
    assert.match(await said("assess", "--scopes", "files", "--region", "SG"), /npx xero-m2m login/);
  });

  test("bad use: 2, nothing on standard output, one line that names what and says what to do", async (t) => {
    const call = ["-c", "GET /Invoices"];
    const cases = [
      [["chek"], /chek.*did you mean check/i],
      [["check", "--skopes", "x"], /--skopes/],
      [["assess", "--scopes", "files", "--app", "spa"], /--app.*spa.*custom, web, pkce, app/],
      [["check", ...call], /--scopes/],
      [["check", "--scopes", "files", "--scopes-file", "scopes.txt", ...call], /--scopes-file/],
      [["check", "--scopes", "files", "nowhere.ts"], /nowhere\.ts.*--call/],
      [["check", "--scopes", "files", "GET /Invoices"], /GET \/Invoices.*--call/],
      [["check", "--scopes", "files", "*.nothing"], /\*\.nothing/],
      [["check", "--scopes", " ", ...call], /--scopes/],
      [["check", "--scopes-file", "nowhere.txt", ...call], /nowhere\.txt/],
      [["check", "--scopes-file", "src", ...call], /src.*folder/],
      [["check", "--scopes", "files", "--created-on", "2026-02-30", ...call], /--created-on.*2026-02-30.*YYYY-MM-DD/],
      [["check", "--scopes", "files", "--on", "today", ...call], /--on.*YYYY-MM-DD/],
      [["check", "--scopes", "files", "--region", "XX", ...call], /--region is .*XX.*AU, NZ, UK, US/],
      [["check", "--scopes", "files", "--created-on", "2026-12-03", "--on", "2026-12-01", ...call], /--created-on 2026-12-03 is after 2026-12-01/],
      [["check", "--scopes", "files", "--created-on", "9999-01-01", ...call], /--created-on 9999-01-01 is after 20\d\d-\d\d-\d\d, the day of the answer; give the day/],
      [["assess", "--scopes", "files", "--created-on", "9999-01-01"], /--created-on 9999-01-01 is after 20/],
      [["plan", "--from", "files", "--created-on", "9999-01-01", ...call], /--created-on 9999-01-01 is after 20/],
      [["scopes", "--created-on", "9999-01-01", ...call], /--created-on 9999-01-01 is after 20/],
      [["plan", "--from", "files", "--email", "--format", "json", ...call], /--email or --format/],
      [["check", "--scopes", "files", ...call, "-c", "GETT /Invoices"], /--call "GETT \/Invoices"/],
      [["scopes", ...call, "-c", "GET https://example.com/x"], /--call "GET https:\/\/example\.com\/x"/],
      [["check", "--scopes", "files", "--fail-on", "everything", ...call], /everything.*missing, unused/],
      [["check", "--scopes", "files", "--fail-on", "none,unused", ...call], /none/],
      [["check", "--scopes", "files", "--within", "soon", ...call], /--within/],
      [["check", "--scopes", "files", "--format", "xml", ...call], /xml.*sarif/],
      [["check", "--scopes", "files", "--policy", "nowhere.json", ...call], /nowhere\.json/],
      [["check", "--scopes", "files", "empty.txt"], /nothing in "empty\.txt"/],
      [["check", "--scopes", "files", "prose.txt"], /no call.*"prose\.txt"/],
      [["check", "--scopes", "files", "-c", ""], /--call ""/],
      [["scopes", "empty.txt"], /nothing in "empty\.txt"/],
      [["scopes", "prose.txt"], /no call.*"prose\.txt"/],
      [["scopes"], /standard input|stdin/],
      [["scopes", "hollow"], /"hollow"/],
      [["check", "--scopes", "files", "pictures"], /note: skipped 1 of 1 files, which are not text: pictures\/a\.png\nxero-m2m: no text was found in "pictures", so no call is known/],
      [["plan", "--from", "files"], /stdin/],
      [["plan", "--to", "files"], /--from/],
      [["plan", "--from", "files", "--to", "assets", ...call], /--to/],
      [["plan", "--from", "files", "--to", "assets", "--format", "sarif"], /sarif/],
      [["assess"], /--scopes/],
      [["assess", "--scopes", "files", "src"], /argument/],
      [["assess", "--scopes", "files", "--organisations", "-1"], /--organisations/],
    ];
    await Promise.all(
      cases.map(([args, what]) =>
        t.test(args.join(" "), async () => {
          const { code, stdout, stderr } = await run(args);
          assert.equal(stdout, "");
          assert.match(stderr, /^(?:xero-m2m: note: [^\n]+\n)?xero-m2m: [^\n]+\n$/);
          assert.match(stderr, what);
          assert.equal(code, 2);
        }),
      ),
    );
  });

  test("a folder without a text is not replaced by standard input or by the calls of the policy file", async (t) => {
    const cwd = place(t, { "xero-policy.json": { scopes: ["files"], calls: ["GET /Files"], createdOn: "2026-05-01" } });
    mkdirSync(join(cwd, "pictures"));
    writeFileSync(join(cwd, "pictures/a.png"), Buffer.from([0x89, 0x50, 0, 0, 1]));
    const { code, stderr } = await run(["check", "pictures"], { cwd, input: "GET /Files\n" });
    assert.deepEqual([code, /no text was found in "pictures"/.test(stderr)], [2, true], stderr);
  });

  test("a day in the policy file that lies ahead is refused by the name of the file", async (t) => {
    const cwd = place(t, { "xero-policy.json": { scopes: ["files"], calls: ["GET /Files"], createdOn: "9999-01-01" } });
    for (const command of ["check", "assess", "doctor"]) {
      const { code, stderr } = await run([command], { cwd, env: { XERO_CLIENT_ID: "A".repeat(32), XERO_CLIENT_SECRET: "s" } });
      assert.equal(code, 2, command);
      assert.match(stderr, /^xero-m2m: createdOn of "xero-policy\.json" 9999-01-01 is after 20/, command);
    }
  });

  test("calls of which some could not be read are not known to be allowed", async () => {
    const { code, stdout } = await run(["check", "--scopes", "accounting.settings", "-c", "GET /Items", "-c", "GET /Itemz"]);
    assert.equal(code, 1);
    assert.match(stdout, /^NOT KNOWN: 1 call found; 1 more call is not in the catalogue/);
  });
});

describe("input", () => {
  const operations = async (args, options) => {
    const { stdout, stderr, code } = await run([...args, "--format", "json"], options);
    return { stderr, code, answer: code === 2 ? undefined : JSON.parse(stdout) };
  };
  const keys = ({ answer }) => answer.calls.flatMap(({ operations }) => operations);

  test("standard input: when piped, and as -", async () => {
    const input = "GET /Items\n";
    for (const args of [["scopes"], ["scopes", "-"]])
      assert.deepEqual(keys(await operations(args, { input })), ["accounting.getItems"]);
    const { stdout } = await run(["check", "--scopes", "files", "-"], { input: "\n  GET /Items" });
    assert.match(stdout, /stdin:2:3 {2}GET \/Items/);
    const scopes = await run(["check", "--scopes-file", "-", "-c", "GET /Items"], { input: "accounting.settings" });
    assert.equal(scopes.code, 0);
  });

  test("folders, patterns, files and calls, in the order in which answers count them", async () => {
    const all = await operations(["scopes", "src", "*.log", "-c", "GET /Contacts"]);
    assert.deepEqual(
      all.answer.calls.map(({ text, input }) => [text, input]),
      [
        ["accountingApi.getInvoices", 0],
        ["accountingApi.getItems", 0],
        ["accountingApi.getJournals", 0],
        ["GET /Contacts", 3],
      ],
    );
    assert.match(all.stderr, /^xero-m2m: note: left out: 1 folder \(node_modules\); .*\nxero-m2m: note: skipped 1 of 2 files, which are not text: \S+\n$/);
  });

  test("in json each call names its file", async () => {
    for (const args of [["scopes"], ["check", "--scopes", "files"]]) {
      const { answer } = await operations([...args, "src/app.ts", "access.log", "-c", "GET /Nonsense"]);
      const files = [...answer.calls, ...answer.unresolved].map(({ text, call = text, file }) => [call, file]);
      assert.ok(files.some(([call, file]) => call === "accountingApi.getItems" && file === "src/app.ts"));
      assert.ok(files.some(([call, file]) => call === "GET /Nonsense" && file === "--call"));
      assert.ok(files.every(([, file]) => file));
    }
  });

  test("one file of a folder that cannot be read is a note, not the end", async (t) => {
    const cwd = place(t, { "a.log": "GET /Items\n", "huge.log": "" });
    // Sparse: it takes no room.
    truncateSync(join(cwd, "huge.log"), 3 * 2 ** 30);
    const found = await operations(["scopes", "."], { cwd });
    assert.deepEqual(keys(found), ["accounting.getItems"]);
    assert.match(found.stderr, /note: cannot read "huge\.log": it is larger than \d GiB; it was skipped/);
    assert.equal((await run(["scopes", "huge.log"], { cwd })).code, 2);
    // What was not read is a result, so that a log without results is one of a success.
    for (const command of [["scopes", "."], ["check", ".", "--scopes", "accounting.settings.read"]]) {
      const { stdout } = await run([...command, "--format", "sarif"], { cwd });
      const [log] = JSON.parse(stdout).runs;
      assert.equal(log.invocations[0].executionSuccessful, false);
      const unread = log.results.filter(({ properties }) => properties.kind === "unread");
      assert.deepEqual(unread.map(({ level, locations }) => [level, locations[0].physicalLocation.artifactLocation.uri]), [["error", "huge.log"]]);
    }
  });

  test("a named file that is not text is refused, and standard input too", async (t) => {
    const call = "GET /Items\n";
    const cwd = place(t, { "a.log": call });
    const others = {
      "app.log.gz": [gzipSync(call), /it is compressed; unpack it first, with gzip/],
      "wide.log": [Buffer.from(call, "utf16le"), /it is not text, or UTF-16 without a byte order mark; save it as UTF-8/],
      "picture.png": [Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0]), /it is not text/],
    };
    for (const [name, [bytes, words]] of Object.entries(others)) {
      writeFileSync(join(cwd, name), bytes);
      const named = await run(["scopes", "a.log", name], { cwd });
      assert.deepEqual([named.code, named.stdout], [2, ""]);
      assert.match(named.stderr, words);
      assert.ok(named.stderr.includes(`cannot read "${name}"`), named.stderr);
    }
    // PowerShell writes a mark, and such a file is read.
    writeFileSync(join(cwd, "marked.log"), Buffer.from(`\ufeff${call}`, "utf16le"));
    assert.deepEqual(keys(await operations(["scopes", "marked.log"], { cwd })), ["accounting.getItems"]);
  });

  test("one doubt about many calls is said once, with their number", async () => {
    const calls = ["Invoices", "Payments", "BankTransactions"].map((name) => `GET /${name}`).join("\n");
    const { stdout } = await run(["check", "--scopes", "accounting.transactions", "-", "--on", DAYS.on], { input: calls });
    assert.equal(stdout.match(/when\s+this\s+one\s+was\s+created/g).length, 1, stdout);
    assert.match(stdout, /3\s+calls/);
  });

  test("what is not UTF-8 is read all the same, and that is said", async (t) => {
    const cwd = place(t, {
      "latin1.log": Buffer.concat([Buffer.from([0xe9, 0xff, 0x20]), Buffer.from("GET /Items\n")]),
      "utf16.txt": Buffer.from("\ufeffGET /Items\n", "utf16le"),
      "mark.txt": "\ufeffGET /Items\n",
    });
    const latin1 = await operations(["scopes", "latin1.log"], { cwd });
    assert.deepEqual(keys(latin1), ["accounting.getItems"]);
    assert.match(latin1.stderr, /^xero-m2m: note: "latin1\.log" is not UTF-8; .*U\+FFFD\n$/);
    for (const file of ["utf16.txt", "mark.txt"]) {
      const found = await operations(["scopes", file], { cwd });
      assert.deepEqual([keys(found), found.answer.calls[0].at, found.stderr], [["accounting.getItems"], 0, ""], file);
    }
    const piped = await operations(["scopes"], { input: Buffer.from([0xff, 0x0a, ...Buffer.from("GET /Items")]) });
    assert.match(piped.stderr, /"standard input" is not UTF-8/);
  });

  test("100,000 calls, on as many lines and on one", async (t) => {
    const calls = Array.from({ length: 100_000 }, (_, n) => `GET /Invoices/${n}`);
    const cwd = place(t, { "lines.log": calls.join("\n"), "one.js": calls.map((_, n) => `xero.json("GET", "/Invoices/${n}");`).join(" ") });
    const started = Date.now();
    for (const file of ["lines.log", "one.js"]) {
      const { answer } = await operations(["scopes", file], { cwd });
      assert.deepEqual(
        answer.calls.map(({ times }) => times),
        [100_000],
        file,
      );
    }
    t.diagnostic(`${Date.now() - started} ms for both`);
  });

  const nonsense = (count) => Array.from({ length: count }, (_, n) => `GET /Nonsense${n}/x\n`).join("");

  test("calls that nobody knows: all are counted, some are shown, or all of them", async (t) => {
    const cwd = place(t, { "many.log": nonsense(100_000), "some.log": nonsense(1_000) });
    const check = (...args) => run(["check", "--scopes", "files", ...args], { cwd });
    const started = Date.now();
    const text = await check("many.log");
    t.diagnostic(`${Date.now() - started} ms`);
    assert.match(text.stdout, /100000 more calls are not in the\s+catalogue/);
    assert.match(text.stdout, /and 99,990 places more: --all shows all/);
    assert.ok(text.stdout.split("\n").length < 100);
    assert.match((await check("some.log", "--format", "markdown")).stdout, /^- and 950 more$/m);
    assert.equal((await check("some.log", "--all")).stdout.match(/some\.log:\d+:1 /g).length, 1_000);
  });

  test("a reader that leaves early is no error", async (t) => {
    const cwd = place(t, { "a.log": `GET /Invoices\n${nonsense(20_000)}` });
    for (const [more, code] of [
      [["--fail-on", "none"], 0],
      [[], 1],
    ]) {
      const child = spawn(process.execPath, [cli, "check", "--scopes", "files", "a.log", "--all", ...more], {
        cwd,
        env: PLAIN,
      });
      let stderr = "";
      child.stderr.on("data", (data) => (stderr += data));
      child.stdout.once("data", () => child.stdout.destroy());
      assert.deepEqual([await once(child, "close"), stderr.includes("EPIPE")], [[code, null], false], stderr);
    }
    const help = spawn(process.execPath, [cli, "check", "--help"], { env: PLAIN });
    help.stdout.destroy();
    assert.deepEqual(await once(help, "close"), [0, null]);
  });
});

test("a token that is pasted in the wrong place is never shown", async (t) => {
  const har = {
    log: {
      entries: [
        {
          request: {
            method: "GET",
            url: `https://api.xero.com/api.xro/2.0/Items?x=${JWT}`,
            headers: [{ name: "Authorization", value: `Bearer ${JWT}` }],
          },
        },
      ],
    },
  };
  const cwd = place(t, {
    "a.har": har,
    "a.sh": `curl -H "Authorization: Bearer ${JWT}" https://api.xero.com/api.xro/2.0/Invoices/${JWT}\nGET /Nonsense/${JWT}\nPOST ${JWT}\n${JWT}\n`,
    "bad.json": `{ "scopes": [${JWT}] }`,
    "member.json": { [JWT]: [] },
    "denied.json": { deny: [JWT] },
    "call.json": { scopes: ["files"], calls: [JWT] },
  });
  const found = [];
  for (const format of ["text", "json", "markdown", "sarif"]) {
    found.push(run(["scopes", "a.har", "a.sh", "-c", `GET /Items/${JWT}`, "--format", format], { cwd }));
    found.push(
      run(["check", "--scopes", "files", "a.har", "a.sh", "-c", `GET /Items?token=${JWT}`, "--format", format], {
        cwd,
      }),
    );
  }
  // `run` looks for the token in everything that comes out.
  for (const { stdout } of await Promise.all(found)) assert.notEqual(stdout, "");
  const refused = [
    ["check", "--scopes", `files ${JWT}`, "a.har"],
    ["check", "--scopes", "files 9F2C4B7A1D8E4F60B3A5C7D9E1F20834", "a.har"],
    ["assess", "--scopes", JWT],
    ["plan", "--from", "files", "--to", JWT],
    ["check", "--scopes", "files", JWT],
    ["scopes", "-c", "GET /Items", "-c", JWT],
    ["scopes", `--${JWT}`],
    ["scopes", "--format", JWT, "a.har"],
    ["check", "--scopes", "files", "--created-on", JWT, "a.har"],
    ["check", "--scopes", "files", "--fail-on", JWT, "a.har"],
    [JWT],
    ...["bad", "member", "denied", "call"].map((name) => ["check", "--policy", `${name}.json`]),
  ];
  for (const args of refused) {
    const { code, stderr } = await run(args, { cwd });
    assert.equal(code, 2, args[0]);
    assert.doesNotMatch(stderr, /9F2C4B7A/);
  }
});

describe("plan", () => {
  test("what the calls do not tell is said, because a plan takes the rest away", async () => {
    const { stderr } = await run(["plan", "--from", SCOPES, "--on", DAYS.on, "src/app.ts"]);
    assert.match(stderr, /note: 3 calls found; 1 more call is not in the catalogue, at src\/app\.ts:3:\d+: the plan may remove/);
    assert.match(stderr, /note: .*accounting\.getJournals/);
    assert.match(stderr, /note: .*balancesheets\.read"; probably accounting\.reports\.balancesheet\.read is meant/);
  });

  test("--email: the message about the plan that is handed out, and nothing else", async () => {
    const args = ["plan", "--from", SCOPES, "--to", "accounting.invoices", ...CREATED, "--user", "Kim", "--email"];
    const question = { from: SCOPES, to: "accounting.invoices", authorisingUser: "Kim", ...DAYS };
    const { cautious, email } = planChange(question);
    const written = ({ subject, body }) => `Subject: ${subject}\n\n${body}`;
    assert.equal((await run(args)).stdout, written(cautious.email));
    assert.equal((await run([...args, "--full"])).stdout, written(email));
    const signed = await run([...args, "--sender", "Rob Hall, Acme", "--approve-by", "2026-12-05"]);
    assert.equal(signed.stdout, written(planChange({ ...question, sender: "Rob Hall, Acme", approveBy: "2026-12-05" }).cautious.email));
    assert.match(signed.stdout, /5 December 2026[^]*Rob Hall, Acme\n$/);
    const named = await run([...args, "--program", "Ledger Bot", "--organisation-name", "Acme Ltd"]);
    assert.equal(named.stdout, written(planChange({ ...question, program: "Ledger Bot", organisationName: "Acme Ltd" }).cautious.email));
    assert.match(named.stdout, /connection of Ledger Bot[^]*your Xero organisation, Acme Ltd,/);
    // Where the cautious plan changes nothing, there is nothing to approve yet.
    const none = await run(["plan", "--from", "accounting.transactions", "--to", "", ...CREATED, "--email"]);
    assert.equal(none.code, 2);
    const later = await run(["plan", "--from", "accounting.transactions accounting.invoices", "--to", "accounting.invoices", ...CREATED, "--email"]);
    assert.match(later.stdout, /^Nothing changes by this plan.*--full/);
  });

  test("the plan that is recommended comes first, and the other is named", async () => {
    const args = ["plan", "--from", "accounting.transactions", "--to", "accounting.invoices", ...CREATED];
    const { stdout } = await run(args);
    assert.match(stdout, /^Recommended today: the cautious plan/m);
    const [careful, full] = ["\nThe cautious plan", "\nThe full plan"].map((title) => stdout.indexOf(title));
    assert.ok(careful > 0 && careful < full, stdout);
    const asked = (await run([...args, "--full"])).stdout;
    assert.ok(asked.indexOf("\nThe full plan") < asked.indexOf("\nThe cautious plan"), asked);
    assert.match(asked, /^Not recommended today; that is the cautious plan/m);
    assert.equal((await run([...args, "--full", "--cautious"])).code, 2);
    const one = await run(["plan", "--from", "accounting.contacts", "--to", "accounting.contacts.read", "--on", DAYS.on, "--cautious"]);
    assert.match(one.stderr, /there is only one plan/);
  });

  test("an empty --from plans a new connection", async () => {
    const { stdout, code } = await run(["plan", "--from", "", "--call", "GET /Invoices", "--on", DAYS.on]);
    assert.equal(code, 0);
    assert.match(stdout, /1\. Create a custom connection[^]*accounting\.invoices\.read/);
    assert.doesNotMatch(stdout, / again|deactivate/);
  });

  test("the organisation is switched, alone or with scopes", async () => {
    const alone = await run(["plan", "--from", "accounting.invoices", "--switch-organisation", "--on", DAYS.on]);
    assert.match(alone.stdout, /chooses the other organisation[^]*[Dd]rop every token/);
    const both = ["plan", "--from", "accounting.invoices", "--switch-organisation", "-c", "GET /Contacts", "--on", DAYS.on, "--format", "json"];
    assert.deepEqual(JSON.parse((await run(both)).stdout).steps.map(({ kind }) => kind), [
      "add", "remove", "deactivate", "reauthorise", "chooseOrganisation", "dropTokens", "test",
    ]);
  });

  test("a misspelt scope to change to replaces nothing, and is said", async () => {
    const args = ["plan", "--from", "accounting.invoices accounting.contacts", "--to", "accounting.invoicse accounting.contacts.read"];
    const { stdout, stderr } = await run([...args, "--on", DAYS.on]);
    assert.match(stderr, /accounting\.invoicse"; probably accounting\.invoices is meant/);
    assert.match(stdout, /Left out of the plan[^]*accounting\.invoicse[^]*Kept for now[^]*accounting\.invoices stays/);
    for (const format of [["--format", "markdown"], ["--email"]]) {
      assert.match((await run([...args, "--on", DAYS.on, ...format])).stdout, /accounting\.(?:\\_)?invoicse/);
    }
  });
});

describe("policy file", () => {
  const good = {
    $schema: "./node_modules/xero-m2m/xero-policy.schema.json",
    deny: ["accounting.transactions", "payroll.*"],
    allow: ["accounting.*"],
    scopes: ["accounting.transactions", "accounting.contacts", "files", "payroll.settings"],
    calls: ["*.ts", "GET /Contacts"],
    createdOn: "2025-02-01",
    region: "AU",
    failOn: ["impossible"],
  };
  const app = { "app.ts": "accountingApi.getInvoices(x)" };
  const schema = new Ajv2020();
  addFormats(schema);
  const fits = schema.compile(require("xero-m2m/xero-policy.schema.json"));

  test("found in the working directory, or named; what it forbids is a finding whatever fails else", async (t) => {
    const cwd = place(t, { ...app, "xero-policy.json": good });
    assert.ok(fits(good), JSON.stringify(fits.errors));
    const { code, stderr, stdout } = await run(["check", "--on", DAYS.on], { cwd });
    assert.deepEqual([code, stderr], [1, "xero-m2m: exit code 1 for forbidden by the policy file (3)\n"]);
    for (const [scope, verb] of [
      ["accounting.transactions", "denies"],
      ["files", "does not allow"],
      ["payroll.settings", "denies"],
    ]) {
      assert.match(stdout, new RegExp(`${scope} +xero-policy\\.json ${verb}`));
    }
    assert.doesNotMatch(stdout, /accounting\.contacts +xero-policy\.json (?:denies|does not)/);
    const json = await run(["check", "--on", DAYS.on, "--format", "json"], { cwd });
    const { forbidden, ...answer } = assertAnswer("CheckedScopes", json.stdout);
    for (const call of answer.calls) delete call.file;
    assert.deepEqual(forbidden, [
      { scope: "accounting.transactions", by: "deny" },
      { scope: "files", by: "allow" },
      { scope: "payroll.settings", by: "deny" },
    ]);
    assert.deepEqual(
      answer,
      JSON.parse(
        JSON.stringify(
          checkScopes({ scopes: good.scopes, calls: [app["app.ts"], "GET /Contacts"], ...DAYS, region: "AU" }),
        ),
      ),
    );
    assert.equal((await run(["check", "--fail-on", "none"], { cwd })).code, 0);
    assert.equal((await run(["check", "--no-policy", "-c", "GET /Contacts"], { cwd })).code, 2);
    // Paths start from the folder of the file.
    const elsewhere = await run(["check", "--policy", join(cwd, "xero-policy.json"), "--format", "json"]);
    assert.equal(JSON.parse(elsewhere.stdout).calls.length, 2);
  });

  test("options go before it", async (t) => {
    const cwd = place(t, { ...app, "xero-policy.json": { ...good, failOn: ["missing"] } });
    const args = ["check", "--scopes", "accounting.contacts", "-c", "GET /Items", "--created-on", "2026-05-01"];
    const missing = await run(args, { cwd });
    assert.deepEqual([missing.code, missing.stderr], [1, "xero-m2m: exit code 1 for missing (1)\n"]);
    assert.equal((await run([...args, "--fail-on", "impossible"], { cwd })).code, 0);
  });

  test("sarif: what it forbids at the line that configures it", async (t) => {
    const text = JSON.stringify(good, null, 2);
    const cwd = place(t, { ...app, "xero-policy.json": text });
    const log = assertSarif((await run(["check", "--format", "sarif"], { cwd })).stdout);
    const lines = text.split("\n");
    const configured = lines.findIndex((line) => line.includes('"scopes"'));
    const found = log.runs[0].results.filter(({ ruleId }) => ruleId.startsWith("policy-"));
    assert.deepEqual(
      found.map(({ ruleId, properties, locations }) => [
        ruleId,
        properties.scopes[0],
        locations[0].physicalLocation.region.startLine,
      ]),
      ["accounting.transactions", "files", "payroll.settings"].map((scope) => [
        scope === "files" ? "policy-allow" : "policy-deny",
        scope,
        lines.findIndex((line, index) => index > configured && line.includes(`"${scope}"`)) + 1,
      ]),
    );
  });

  test("a bad one is refused by the schema and by the program, which names the member", async (t) => {
    const bad = [
      ["alow", { ...good, alow: [] }],
      ["scopes", { ...good, scopes: "files" }],
      ["scopes", { ...good, scopes: [1] }],
      ["deny", { ...good, deny: [""] }],
      ["calls", { ...good, calls: {} }],
      ["createdOn", { ...good, createdOn: "2025-02-30" }],
      ["createdOn", { ...good, createdOn: 20250201 }],
      ["region", { ...good, region: "au" }],
      ["app", { ...good, app: "spa" }],
      ["failOn", { ...good, failOn: ["everything"] }],
      ["failOn", { ...good, failOn: ["none", "unused"] }],
      ["failOn", { ...good, failOn: [] }],
      ["within", { ...good, within: -1 }],
    ];
    for (const [member, policy] of bad) {
      assert.equal(fits(policy), false, JSON.stringify(policy));
      const { code, stderr } = await run(["check"], { cwd: place(t, { ...app, "xero-policy.json": policy }) });
      assert.equal(code, 2);
      assert.match(stderr, new RegExp(`^xero-m2m: "xero-policy\\.json".*${member}[^\\n]*\\n$`));
    }
    for (const text of ["", "{", "[]", "null", '{"scopes": ["files",]}']) {
      const { code, stderr } = await run(["check"], { cwd: place(t, { ...app, "xero-policy.json": text }) });
      assert.deepEqual([code, /xero-policy\.json" is no/.test(stderr)], [2, true], stderr);
    }
    // Not a matter of shape: a misspelt name would deny nothing.
    const misspelt = await run(["check"], {
      cwd: place(t, { ...app, "xero-policy.json": { ...good, deny: ["acounting.*"] } }),
    });
    assert.match(misspelt.stderr, /deny has "acounting\.\*"/);
    assert.equal(misspelt.code, 2);
    // A time that no kind of finding heeds is not passed over in silence.
    const late = { ...good, failOn: ["missing"], within: 30 };
    const cwd = place(t, { ...app, "xero-policy.json": late });
    const unheeded = await run(["check"], { cwd });
    assert.match(unheeded.stderr, /^xero-m2m: note: within of "xero-policy\.json" has no effect: failOn of .* kind expiring\n/);
    const given = await run(["check", "--fail-on", "missing,unused", "--within", "400"], { cwd });
    assert.match(given.stderr, /^xero-m2m: note: --within has no effect: --fail-on does not have the kind expiring\n/);
    for (const heeded of [["missing"], ["missing,expiring", "--within", "400"]]) {
      assert.doesNotMatch((await run(["check", "--fail-on", ...heeded], { cwd })).stderr, /no effect/);
    }
  });
});

describe("what was not read, and what is assumed", () => {
  const BASE = "https://api.xero.com/api.xro/2.0";
  const files = {
    "read.log": "2026-11-24T10:00:00Z PUT https://api.xero.com/api.xro/2.0/Invoices 200\n",
    "list.txt": "/Contacts\n/Items\n",
    "config.json": { xero: { baseUrl: BASE } },
    "broken.postman_collection.json": `{"item":[{"request":{"method":"GET","url":"${BASE}/Items"}},{"request":`,
    "key.md": "| GET | /Items |\n\n-----BEGIN PRIVATE KEY-----\n/k3Jd9sLq2Kz9aQ/pP4mN8vB7xYw/Zc5tR1eH\n-----END PRIVATE KEY-----\n",
  };

  test("the headline says it in every format", async (t) => {
    const cwd = place(t, files);
    const words = "1 call found; 1 place uses Xero and could not be read";
    for (const format of ["text", "markdown", "json"]) {
      const scopes = await run(["scopes", "read.log", "config.json", "--format", format], { cwd });
      assert.ok(scopes.stdout.includes(words), `${format}: ${scopes.stdout}`);
      const check = await run(["check", "read.log", "config.json", "-s", "accounting.invoices", "--format", format], { cwd });
      assert.ok(check.stdout.includes(words), `${format}: ${check.stdout}`);
      const plan = await run(["plan", "read.log", "config.json", "--from", "accounting.contacts", "--format", format], { cwd });
      assert.ok(plan.stdout.includes(words), `${format}: ${plan.stdout}`);
    }
    const sarif = results(await run(["check", "read.log", "config.json", "-s", "accounting.invoices", "--format", "sarif"], { cwd }));
    const unread = sarif.find(({ properties }) => properties.kind === "unresolved");
    assert.equal(unread.properties.why, "noCall");
    assert.equal(unread.locations[0].physicalLocation.artifactLocation.uri, "config.json");
  });

  test("a scope is not called unused while something was not read", async (t) => {
    const cwd = place(t, files);
    const scopes = "accounting.invoices accounting.contacts";
    const whole = await run(["check", "read.log", "-s", scopes, "--fail-on", "unused"], { cwd });
    assert.equal(whole.code, 1);
    const part = await run(["check", "read.log", "config.json", "-s", scopes, "--fail-on", "unused"], { cwd });
    assert.equal(part.code, 0);
    assert.match(part.stdout.replaceAll(/\s+/g, " "), /the places that were not read may need it, so do not remove it/);
  });

  test("a method that is not written is no plain yes, and --fail-on uncertain counts it", async (t) => {
    const cwd = place(t, files);
    const scopes = "accounting.contacts.read accounting.settings.read";
    const { stdout, code } = await run(["check", "list.txt", "-s", scopes], { cwd });
    assert.equal(code, 0);
    assert.match(stdout, /^ALLOWED IF IT ONLY READS: 2 calls found; the method of 2 calls is not written/);
    assert.doesNotMatch(stdout, /^ALLOWED:/m);
    const json = JSON.parse((await run(["check", "list.txt", "-s", scopes, "--format", "json"], { cwd })).stdout);
    assert.deepEqual([json.verdict, json.allowed, json.unused, json.broad], ["allowedIfReading", false, [], []]);
    for (const command of [["check", "-s", scopes], ["scopes"], ["plan", "--from", scopes]]) {
      const failed = await run([...command, "list.txt", "--fail-on", "uncertain"], { cwd });
      assert.equal(failed.code, 1, command[0]);
      assert.match(failed.stderr, /uncertain/);
    }
    const both = await run(["check", "list.txt", "-s", "accounting.contacts accounting.settings"], { cwd });
    assert.equal(both.code, 0);
    assert.match(both.stdout, /^ALLOWED: /);
  });

  test("no scopes for no calls is never a success", async (t) => {
    const cwd = place(t, files);
    for (const command of [["scopes"], ["scopes", "--fail-on", "none"], ["check", "-s", "accounting.contacts", "--fail-on", "none"]]) {
      const { code, stdout } = await run([...command, "config.json"], { cwd });
      assert.equal(code, 1, command.join(" "));
      assert.doesNotMatch(stdout, /0 scopes for 0 calls|^ALLOWED/m);
    }
    const nothing = await run(["scopes", "key.md"], { cwd, env: {} });
    assert.equal(nothing.code, 0);
  });

  test("a broken collection is said to be broken, and what came before it is found", async (t) => {
    const cwd = place(t, files);
    const { stdout } = await run(["scopes", "broken.postman_collection.json"], { cwd });
    assert.match(stdout, /1 call found; 1 place uses Xero and could not be read/);
    assert.match(stdout.replaceAll(/\s+/g, " "), /what follows was not read/);
  });

  test("key material is never printed", async (t) => {
    const cwd = place(t, files);
    for (const format of ["text", "json", "markdown", "sarif"]) {
      const { stdout, stderr } = await run(["scopes", "key.md", "--all", "--format", format], { cwd });
      assert.ok(!`${stdout}${stderr}`.includes("k3Jd9s"), format);
      assert.ok(stdout.includes("accounting.settings.read"), format);
    }
  });
});

describe("folders", () => {
  const call = (name) => `GET /${name}\n`;

  test("what is not the project's own is left out and counted", async (t) => {
    const cwd = place(t, {});
    const files = {
      "src/app.txt": call("Invoices"),
      ".github/workflows/sync.yml": "run: curl -X PUT https://api.xero.com/api.xro/2.0/Payments\n",
      "node_modules/a/b.txt": call("Contacts"),
      "venv/lib/b.txt": call("Contacts"),
      "vendor/b.txt": call("Contacts"),
      "dist/b.txt": call("Contacts"),
      "pkg/target/b.txt": call("Contacts"),
      "pkg/obj/b.txt": call("Contacts"),
      "generated/b.txt": call("Contacts"),
      "notes/left.txt": call("Contacts"),
      "notes/kept.txt": call("Items"),
      "xero_accounting.yaml": "openapi: 3.0.0\nservers:\n  - url: https://api.xero.com/api.xro/2.0\npaths:\n  /Contacts:\n    get: {}\n",
      ".gitignore": "generated/\nnotes/*.txt\n",
      ".env": "URL=https://api.xero.com/api.xro/2.0/Contacts\n",
      "notes/.gitignore": "!kept.txt\n",
      ".git/HEAD": "ref: refs/heads/main\n",
    };
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(cwd, name)), { recursive: true });
      writeFileSync(join(cwd, name), text);
    }
    const { stdout, stderr, code } = await run(["scopes", ".", "--format", "json"], { cwd });
    assert.equal(code, 0, stderr);
    const { calls, ignored } = JSON.parse(stdout);
    const keys = calls.flatMap(({ operations }) => operations).sort();
    assert.deepEqual(keys, ["accounting.createPayments", "accounting.getInvoices", "accounting.getItems"]);
    assert.equal(ignored.descriptions, 1);
    assert.match(stderr, /left out: 8 folders \(.*\), 1 file that .gitignore names and 3 hidden files/);
    const text = await run(["scopes", "."], { cwd });
    assert.match(text.stdout, /1 descriptions? of Xero's API/);

    // A folder that git tracks is the project's own, whatever tools use its name for.
    const tracked = Buffer.from("bin/sync.txt\0");
    const index = Buffer.concat([Buffer.from("DIRC\0\0\0\x02\0\0\0\x01", "latin1"), Buffer.alloc(62), tracked, Buffer.alloc(32)]);
    writeFileSync(join(cwd, ".git/index"), index);
    for (const name of ["bin", "out"]) {
      mkdirSync(join(cwd, name));
      writeFileSync(join(cwd, name, "sync.txt"), name === "bin" ? call("Quotes") : call("Contacts"));
    }
    const own = await run(["scopes", ".", "--format", "json"], { cwd });
    const read = JSON.parse(own.stdout).calls.flatMap(({ operations }) => operations).sort();
    assert.deepEqual(read, [...keys, "accounting.getQuotes"]);

    // A file that is named is read.
    for (const name of ["vendor", "dist/b.txt", "xero_accounting.yaml", "pkg/target/*.txt"]) {
      const named = await run(["scopes", name, "--format", "json"], { cwd });
      assert.deepEqual(JSON.parse(named.stdout).calls.flatMap(({ operations }) => operations), ["accounting.getContacts"], name);
    }
  });
});

describe("help", () => {
  // A live connection, for what asks one.
  const simulator = createSimulator({ invoices: 5 });
  before(() => simulator.listen());
  after(() => simulator.close());

  /** A line as somebody types it. */
  async function obeyed(line, cwd) {
    const command = line.replace(/(?:npx )?\bxero-m2m /, `"${process.execPath}" "${cli}" `);
    const child = spawn(command, { cwd, shell: true, env: { ...process.env, ...simulator.env }, stdio: ["ignore", "ignore", "pipe"] });
    const [stderr, [status]] = await Promise.all([text(child.stderr), once(child, "close")]);
    assert.ok(status === 0 || (status === 1 && stderr.includes("exit code 1")), `${line}: ${status} ${stderr}`);
  }

  test("every example runs", async (t) => {
    const { stdout } = await run(["--help"]);
    const commands = [...stdout.matchAll(/^ {2}(\w+) (?:[[<]| {2})/gm)]
      .map(([, name]) => name)
      .filter((name) => name !== "help");
    const alone = ["scopes", "check", "plan", "assess", "explain", "doctor"];
    // `verify.test.mjs` runs the one with `--yes`, because there is no terminal here, `explain.test.mjs` completion.
    const confirmed = ["verify"];
    const last = ["simulate", "completion"];
    // `login.test.mjs` runs these with a user.
    const logins = ["login", "key", "vault"];
    // `tests/fleet` runs the fleet.
    const others = ["fleet", "logout"];
    // `page.test.mjs` runs the page.
    // `record.test.mjs` records.
    assert.deepEqual(commands, [...alone, ...confirmed, "record", ...logins, ...others, "page", ...last]);
    const cwd = place(t, {
      "scopes.txt": SCOPES,
      "access.log": "GET /api.xro/2.0/Invoices\n",
      "xero-policy.json": { scopes: ["accounting.invoices"], calls: ["src"] },
    });
    mkdirSync(join(cwd, "src"));
    writeFileSync(join(cwd, "src/app.ts"), "accountingApi.getInvoices(x)");
    for (const command of alone) {
      const help = await run([command, "--help"]);
      assert.equal(help.code, 0);
      const examples = [...help.stdout.matchAll(/^ {2}\$ ((?:.*\\\n)*.+)$/gm)].map(([, lines]) => lines);
      assert.ok(examples.length >= 3, command);
      for (const example of examples) {
        await obeyed(example, cwd);
      }
    }
    const [sarif, ticket] = ["xero-scopes.sarif", "ticket.md"].map((name) => readFileSync(join(cwd, name), "utf8"));
    assertSarif(sarif);
    assert.match(ticket, /^# .*\n[^]*Authorising user: Kim Lee/);
  });

  test("the commands of the README and of docs/scopes.md run, and their policy file is valid", async (t) => {
    const read = (name) => readFileSync(join(dirname(cli), "..", name), "utf8");
    const readme = ["README.md", "docs/scopes.md"].map(read).join("");
    const lines = [...readme.matchAll(/^(npx xero-m2m (?!simulate|page).+?)(?: {2,}#.*)?$/gm)].map(([, line]) => line);
    assert.ok(lines.length >= 4);
    const policy = JSON.parse(readme.match(/^```json\n(.*?)^```/ms)[1]);
    const cwd = place(t, { "xero-policy.json": policy });
    mkdirSync(join(cwd, "src"));
    writeFileSync(join(cwd, "src/app.ts"), "accountingApi.getInvoices(x)");
    for (const line of [...lines, "npx xero-m2m check"]) await obeyed(line, cwd);
  });

  test("no line of a help is wider than the terminal", async () => {
    const { stdout } = await run(["--help"]);
    const names = [...stdout.matchAll(/^ {2}(\w+) (?:[[<]| {2})/gm)].map(([, name]) => [name, "--help"]);
    assert.ok(names.length > 15);
    for (const args of [[], ...names]) {
      const help = await run(args, { env: { COLUMNS: "80" } });
      assert.deepEqual(help.stdout.split("\n").filter((line) => line.length > 80), [], args[0]);
    }
  });

  test("`help check` and `check --help` are the same", async () => {
    assert.equal((await run(["help", "check"])).stdout, (await run(["check", "--help"])).stdout);
  });
});
