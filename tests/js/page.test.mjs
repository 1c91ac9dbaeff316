// `xero-m2m page`: the page for scopes, from the package.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, readdirSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { networkInterfaces } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { inflateRawSync } from "node:zlib";

const require = createRequire(import.meta.url);
const dist = join(dirname(require.resolve("xero-m2m/package.json")), "dist");

/** Starts it, and returns its process and its address. */
async function started(t, ...args) {
  const child = spawn(process.execPath, [join(dist, "cli.js"), "page", "--no-browser", ...args], { stdio: ["ignore", "pipe", "pipe"] });
  t.after(() => child.kill("SIGKILL"));
  let stdout = "";
  for await (const part of child.stdout.setEncoding("utf8")) {
    stdout += part;
    const [address] = /http:\/\/127\.0\.0\.1:\d+\//.exec(stdout) ?? [];
    if (address && stdout.endsWith("\n")) return { child, address, stdout };
  }
  throw new Error(`no address in ${stdout}`);
}

/** The bytes of a text that has 13 bits in each two of its characters. */
function bytesOf(text) {
  const alphabet = Array.from({ length: 94 }, (_, at) => String.fromCharCode(33 + at)).filter((letter) => !'"<\\'.includes(letter));
  const values = new Map(alphabet.map((letter, value) => [letter, value]));
  const pairs = text.match(/../g).map(([high, low]) => values.get(high) * 91 + values.get(low));
  const bits = pairs.map((value) => value.toString(2).padStart(13, "0")).join("");
  return Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
}

test("it serves the four files of the page, the worker with the module of the package in it", async (t) => {
  const { address } = await started(t, "--port", "0");
  for (const [path, type] of [["", "text/html"], ["style.css", "text/css"], ["main.js", "text/javascript"], ["worker.js", "text/javascript"]]) {
    const answer = await fetch(address + path);
    assert.equal(answer.status, 200, path);
    assert.equal(answer.headers.get("content-type"), `${type}; charset=utf-8`);
    assert.match(answer.headers.get("content-security-policy"), /connect-src 'none'.*frame-ancestors 'none'/);
    const text = await answer.text();
    if (path !== "worker.js") continue;
    assert.ok(!text.includes("the wasm of policy"));
    const [, module] = /"([!#-;=-[\]-~]{100000,})"/.exec(text);
    assert.ok(inflateRawSync(bytesOf(module)).equals(readFileSync(join(dist, "policy.wasm"))));
  }
});

test("it serves nothing else, and only to read", async (t) => {
  const { address } = await started(t, "--port", "0");
  for (const path of ["cli.js", "../cli.js", "%2e%2e/cli.js", "page/main.js.deflate", "favicon.ico"]) {
    assert.equal((await fetch(address + path)).status, 404, path);
  }
  assert.equal((await fetch(address, { method: "POST", body: "x" })).status, 405);
  assert.equal((await fetch(address, { method: "HEAD" })).status, 200);
});

test("only this machine reaches it, and it ends by SIGINT with the exit code 0", async (t) => {
  const { child, address, stdout } = await started(t, "--port", "0");
  assert.match(stdout, /^The page is at http:\/\/127\.0\.0\.1:\d+\/ until Ctrl-C\.\nNothing leaves this machine\.\n$/);
  const outside = Object.values(networkInterfaces()).flat().find(({ family, internal }) => family === "IPv4" && !internal);
  if (outside) await assert.rejects(fetch(address.replace("127.0.0.1", outside.address)));
  child.kill("SIGINT");
  assert.deepEqual(await once(child, "close"), [0, null]);
});

test("a port that is in use is named, with what to do", async (t) => {
  const { address } = await started(t, "--port", "0");
  const child = spawn(process.execPath, [join(dist, "cli.js"), "page", "--no-browser", "--port", new URL(address).port], { stdio: ["ignore", "ignore", "pipe"] });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (data) => (stderr += data));
  assert.deepEqual(await once(child, "close"), [1, null]);
  assert.match(stderr, /port \d+ is in use; choose another with --port/);
});

test("it adds at most 80 kB to the package", () => {
  const folder = join(dist, "page");
  const size = readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
  assert.ok(size <= 80_000, `${size} bytes`);
});
