// Runs programs of other people against the local Xero, each through the proxy of one of its own, and prints a table.
// A program prints a line of JSON, { name, ok, error? }, after each thing that it tried. The answers that it got meanwhile are
// judged here, where the local Xero runs.

import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { ServerResponse } from "node:http";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { rootCertificates } from "node:tls";
import { createSimulator } from "xero-m2m/simulator";
import { VERDICTS, judge } from "./judge.mjs";
import { planOf } from "./plan.mjs";
import { seed } from "./seed.mjs";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const PYTHON = process.env.OTHERS_PYTHON;
const CALLBACK = "http://localhost:8765/callback";
const MINUTES_10 = 600_000;

/**
 * The programs, by the command that runs them. `floor` is the least number of attempts that are answered in earnest; more
 * invalid answers than `invalid` are a failure as well.
 */
const PROGRAMS = JSON.parse(readFileSync(join(HERE, "programs.json"), "utf8"));

/** Every answer that the local Xero gave since the last look. */
const answers = [];
const { end } = ServerResponse.prototype;
ServerResponse.prototype.end = function (...given) {
  const [body] = given;
  const { method, url } = this.req;
  const target = new URL(url, "http://localhost");
  const headers = Object.fromEntries(Object.entries(this.getHeaders()).map(([name, value]) => [name.toLowerCase(), String(value)]));
  answers.push({ method, path: target.pathname, status: this.statusCode, headers, text: body ? Buffer.from(body).toString() : "" });
  return end.apply(this, given);
};

const chosen = process.argv.slice(2);
const rows = [];
for (const [name, program] of Object.entries(PROGRAMS)) {
  if (chosen.length && !chosen.includes(name)) continue;
  if (program.command === "python" && !PYTHON) {
    console.log(`SKIPPED: ${name} was not run, because there is no Python with venv on this machine.`);
    continue;
  }
  if (program.needs && !existsSync(join(HERE, program.needs))) {
    console.log(`SKIPPED: ${name} was not run, because its package could not be installed.`);
    continue;
  }
  const trials = [];
  for (const country of program.countries ?? ["AU"]) trials.push(await trial(name, country, program));
  rows.push({ name, tried: trials.flatMap(({ tried }) => tried), ended: trials.map(({ ended }) => ended).find((own) => own !== 0) ?? 0 });
}
report(rows);

/** Runs one program against a local Xero of its own, in a country. */
async function trial(name, country, { command, file, args = [], plan, login }) {
  const simulator = createSimulator({ consent: "all", country, invoices: 50, ...everyScope() });
  const server = await simulator.listen({ proxy: true });
  const folder = join(HERE, "runs", name);
  mkdirSync(folder, { recursive: true });
  const [added, whole] = [join(folder, "authority.pem"), join(folder, "bundle.pem")];
  writeFileSync(added, server.authority);
  writeFileSync(whole, [...rootCertificates, server.authority].join("\n"));
  const { env, organisations, web } = simulator;
  const token = (await (await fetch(`${server.url}/connect/token`, ofApp(simulator))).json()).access_token;
  const send = async (method, path, body, media) => {
    const headers = { Authorization: `Bearer ${token}`, Accept: "application/json", ...(media && { "Content-Type": media }) };
    const answer = await fetch(server.url + path, { method, headers, body });
    const text = await answer.text();
    const isJson = answer.headers.get("content-type")?.includes("json");
    return { status: answer.status, text, json: isJson ? JSON.parse(text) : undefined };
  };
  const read = async (path) => {
    const { status, json } = await send("GET", path);
    return status < 300 ? json : undefined;
  };
  const made = await seed(send);
  const planned = await planOf(read, country, made);
  if (plan) writeFileSync(join(folder, "plan.json"), JSON.stringify(planned.calls));
  writeFileSync(join(folder, "made.json"), JSON.stringify({ made, ids: planned.ids }));
  if (login) writeFileSync(join(folder, "login.json"), JSON.stringify({ ...(await loggedIn(server, web)), ...web, tenant: organisations[0].id }));
  const newer = join(HERE, "node_modules/node-24/bin/node");
  const executable = command === "python" ? PYTHON : existsSync(newer) ? newer : process.execPath;
  answers.length = 0;
  const child = spawn(executable, [join(HERE, file), ...args], {
    cwd: folder,
    stdio: ["pipe", "pipe", "inherit"],
    env: {
      PATH: process.env.PATH,
      ...env,
      ...{ HTTPS_PROXY: server.url, https_proxy: server.url, NO_PROXY: "localhost,127.0.0.1", NODE_USE_ENV_PROXY: "1" },
      ...{ NODE_EXTRA_CA_CERTS: added, REQUESTS_CA_BUNDLE: whole, SSL_CERT_FILE: whole },
      ...{ LOCAL_TENANT: organisations[0].id, LOCAL_WEB_ID: web.clientId, LOCAL_WEB_SECRET: web.clientSecret },
    },
  });
  // A program that has ended reads nothing more.
  child.stdin.on("error", () => {});
  const limit = setTimeout(() => child.kill("SIGKILL"), MINUTES_10);
  const tried = [];
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.startsWith("{")) continue;
    tried.push(attempt(JSON.parse(line), answers.splice(0)));
    child.stdin.write("\n");
  }
  clearTimeout(limit);
  const ended = child.exitCode ?? child.signalCode ?? (await new Promise((resolve) => child.once("exit", (code, signal) => resolve(code ?? signal))));
  await simulator.close();
  writeFileSync(join(folder, `tried-${country}.json`), JSON.stringify(tried, null, 1));
  return { name, tried, ended };
}

/** Every scope that an old connection can have, so that as much as possible can be called. */
function everyScope() {
  const createdOn = "2026-04-28";
  const more = ["accounting.transactions", "accounting.journals.read", "accounting.reports.read", "bankfeeds", "finance.statements.read", "finance.cashvalidation.read", "finance.accountingactivity.read", "finance.bankstatementsplus.read"];
  const { scopes } = createSimulator({ invoices: 1 });
  const held = more.filter((scope) => {
    try {
      createSimulator({ invoices: 1, createdOn, scopes: [scope] });
      return true;
    } catch {
      return false;
    }
  });
  return { createdOn, scopes: [...scopes, ...held] };
}

function ofApp({ clientId, clientSecret }, body = { grant_type: "client_credentials" }) {
  return { method: "POST", headers: { Authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` }, body: new URLSearchParams(body) };
}

/** The tokens of a user of the Web app. */
async function loggedIn({ url }, web) {
  const scope = "openid profile email offline_access accounting.settings accounting.invoices accounting.contacts accounting.payments accounting.banktransactions accounting.manualjournals files assets projects";
  const query = new URLSearchParams({ response_type: "code", client_id: web.clientId, redirect_uri: CALLBACK, scope, state: "1" });
  const answer = await fetch(`${url}/identity/connect/authorize?${query}`, { redirect: "manual" });
  const code = new URL(answer.headers.get("location")).searchParams.get("code");
  return (await fetch(`${url}/connect/token`, ofApp(web, { grant_type: "authorization_code", code, redirect_uri: CALLBACK }))).json();
}

/** What was tried, with the worst verdict about the answers that came with it. */
function attempt({ name, ok, error, count }, got) {
  const verdicts = got.map((answer) => [...judge(answer), answer]);
  const worst = verdicts.sort(([a], [b]) => VERDICTS.indexOf(b) - VERDICTS.indexOf(a))[0];
  if (!worst) return { name, verdict: ok ? "no call" : "not sent", reason: error };
  const [verdict, reason, { method, path, status }] = worst.length === 3 ? worst : [worst[0], undefined, worst[1]];
  const place = `${method} ${path} ${status}`;
  if (count === 0 && verdict === "real") return { name, verdict: "failed", reason: "no records", place, count };
  // The answers were good, and the program still reports an error.
  if (!ok && status < 400 && verdict === "real") return { name, verdict: "failed", reason: error, place, count };
  return { name, verdict, reason, place, count };
}

function report(rows) {
  const columns = [...VERDICTS, "failed", "not sent", "no call"];
  const line = (cells) => console.log(`| ${cells.map((cell, at) => String(cell).padEnd(at ? 8 : 18)).join(" | ")} |`);
  console.log();
  line(["program", "tried", ...columns]);
  const failures = [];
  for (const { name, tried, ended } of rows) {
    const count = (verdict) => tried.filter((one) => one.verdict === verdict).length;
    line([name, tried.length, ...columns.map(count)]);
    const { floor = 1, invalid = 0 } = PROGRAMS[name];
    if (ended !== 0) failures.push(`${name} ended with ${ended}`);
    if (count("real") < floor) failures.push(`${name}: ${count("real")} real answers, not at least ${floor}`);
    if (count("invalid") > invalid) failures.push(`${name}: ${count("invalid")} invalid answers, not at most ${invalid}`);
  }
  for (const { name, tried } of rows) {
    const bad = tried.filter(({ verdict }) => ["invalid", "failed", "not sent"].includes(verdict));
    for (const { name: what, verdict, reason, place = "" } of bad.slice(0, 40)) console.log(`${name}: ${what}: ${verdict}: ${place} ${reason ?? ""}`);
    if (bad.length > 40) console.log(`${name}: and ${bad.length - 40} more; see runs/${name}`);
  }
  for (const failure of failures) console.error(`FAILED: ${failure}`);
  process.exitCode = failures.length ? 1 : 0;
}
