/** The package through bundlers, with what they do by themselves: the bundle is built, weighed and run. */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import nodeResolve from "@rollup/plugin-node-resolve";
import * as esbuild from "esbuild";
import { rollup } from "rollup";
import * as vite from "vite";
import webpack from "webpack";
import { createSimulator } from "xero-m2m/simulator";

const folder = join(import.meta.dirname, "built/bundlers");

const SOURCES = {
  // A service: it prints what it found, and ends.
  service: `
import { CustomConnection, version } from "xero-m2m";

const { XERO_CLIENT_ID: clientId, XERO_CLIENT_SECRET: clientSecret, XERO_IDENTITY_URL: identityUrl, XERO_API_URL: apiUrl } = process.env;
const xero = new CustomConnection({ clientId, clientSecret, identityUrl, apiUrl });
xero.json("GET", "/Organisation").then(({ Organisations }) => {
  console.log(JSON.stringify([version, Organisations[0].Name]));
  xero.close();
});
`,
  // A page: nothing but policy. It is run where there is no document, which it does not need.
  page: `
import { requiredScopes, version } from "xero-m2m/policy";

console.log(JSON.stringify([version, requiredScopes("GET /Invoices").scopes.join()]));
`,
};

/**
 * The highest compressed size of a bundle. A service's has the client and, if the bundler includes lazy imports, the diagnosis
 * with its policy; a page's has the policy, half of which reads code. They were 470,000 and 375,000 before the policy knew the
 * kinds of apps and read clients whose functions other files call, 472,000 and 384,000 before it listed what to do by when, and
 * 478,000 and 390,000 before it explained words and knew the questions that a live account answers, 518,000 and 430,000 before the
 * reader followed shell scripts, registered clients and members of classes, and answers named what rests on a recording.
 */
const CEILINGS = { service: 580_000, page: 485_000 };

/**
 * The most that a Worker may take, compressed. It was 60,000; since then errors say how to find out what became of a write,
 * what to do about each scope, and which call or path is meant. The machine of calls took 6,000 more: its rules were in
 * JavaScript before, which did not become as much smaller. A fleet's hooks took 700, its limits
 * 1,700, and what a caller's key, an empty answer and a refusal after a lost try mean, 1,200. The aim is still 60,000.
 */
const WORKER_CEILING = 77_000;

function esbuilt(source, outdir, name, format, extension) {
  const platform = name === "page" ? "browser" : "node";
  const outExtension = { ".js": extension };
  return esbuild.build({
    entryPoints: [source],
    outdir,
    bundle: true,
    minify: true,
    format,
    platform,
    outExtension,
    logLevel: "error",
  });
}

/** A function for each bundler: it bundles a source into a folder. */
const BUNDLERS = {
  "esbuild, ES module": (source, outdir, name) => esbuilt(source, outdir, name, "esm", ".mjs"),
  "esbuild, CommonJS": (source, outdir, name) => esbuilt(source, outdir, name, "cjs", ".cjs"),
  async Vite(source, outDir, name) {
    const build = {
      outDir,
      ssr: name === "service" && source,
      minify: true,
      rollupOptions: { input: source },
      modulePreload: false,
    };
    await vite.build({ root: folder, logLevel: "error", configFile: false, build, ssr: { noExternal: true } });
  },
  async webpack(source, path, name) {
    const target = name === "service" ? "node20" : ["web", "es2022"];
    const stats = await promisify(webpack)({
      mode: "production",
      entry: source,
      output: { path, publicPath: "" },
      target,
      devtool: false,
    });
    assert.ok(
      !stats.hasErrors() && !stats.toJson().warnings.some(({ message }) => /xero/.test(message)),
      stats.toString(),
    );
  },
  async Rollup(source, dir) {
    const bundle = await rollup({
      input: source,
      plugins: [nodeResolve()],
      external: [/^node:/],
      onwarn: ({ message }) => assert.fail(message),
    });
    await bundle.write({ dir, format: "esm", entryFileNames: "[name].mjs" });
    await bundle.close();
  },
};

const simulator = createSimulator({ invoices: 1 });
before(async () => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  // So that a bundle cannot reach for the package beside it.
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  for (const [name, text] of Object.entries(SOURCES)) writeFileSync(join(folder, `${name}.js`), text);
  await simulator.listen();
});
after(() => simulator.close());

test("a Worker carries the client alone", async (t) => {
  const { outputFiles } = await esbuild.build({
    stdin: { contents: 'export { CustomConnection } from "xero-m2m";', resolveDir: folder },
    outdir: folder,
    write: false,
    bundle: true,
    minify: true,
    format: "esm",
    conditions: ["workerd", "worker", "browser"],
    loader: { ".wasm": "copy" },
  });
  const weight = outputFiles.reduce((sum, { contents }) => sum + gzipSync(contents, { level: 9 }).length, 0);
  t.diagnostic(`${outputFiles.length} files, ${(weight / 1_000).toFixed(1)} kB gzip`);
  assert.equal(outputFiles.length, 2);
  assert.ok(weight < WORKER_CEILING, `${weight} bytes`);
});

test("what a custom connection loads has nothing of logins, vaults and apps", async () => {
  for (const conditions of [["workerd", "worker", "browser"], ["node", "module"]]) {
    const { metafile } = await esbuild.build({
      stdin: { contents: 'export { CustomConnection } from "xero-m2m";', resolveDir: folder },
      outdir: folder,
      write: false,
      bundle: true,
      metafile: true,
      format: "esm",
      conditions,
      external: ["node:*", "xero-m2m/doctor"],
      loader: { ".wasm": "copy" },
    });
    const files = Object.keys(metafile.inputs).filter((file) => file.includes("xero-m2m/dist/"));
    assert.ok(files.length > 0);
    assert.deepEqual(files.filter((file) => /\/(?:user|app|shared|file|postgres|durable-object)\b/.test(file)), []);
  }
});

test("a bundle of a CommonJS script carries the module, although require in Node.js reads it from its file", async () => {
  const contents = `
    const { requiredScopes, version } = require("xero-m2m/policy");
    console.log(JSON.stringify([typeof require("xero-m2m").CustomConnection, version, requiredScopes("GET /Invoices").scopes]));`;
  const outfile = join(folder, "required.cjs");
  await esbuild.build({ stdin: { contents, resolveDir: folder }, outfile, bundle: true, minify: true, format: "cjs", platform: "node" });
  const { stdout } = await promisify(execFile)(process.execPath, [outfile], { cwd: folder });
  const [client, version, scopes] = JSON.parse(stdout);
  assert.deepEqual([client, scopes], ["function", ["accounting.invoices.read"]]);
  assert.match(version, /^\d+\.\d+\.\d+$/);
});

/** Every script below a folder. */
function scripts(at) {
  return readdirSync(at, { recursive: true })
    .filter((file) => /\.[cm]?js$/.test(file))
    .map((file) => join(at, file));
}

for (const [bundler, build] of Object.entries(BUNDLERS)) {
  describe(bundler, () => {
    for (const name of Object.keys(SOURCES)) {
      test(name, { timeout: 120_000 }, async (t) => {
        const outdir = join(folder, bundler.replaceAll(/\W+/g, "-"), name);
        await build(join(folder, `${name}.js`), outdir, name);
        const files = scripts(outdir);
        const weight = files.reduce((sum, file) => sum + gzipSync(readFileSync(file), { level: 9 }).length, 0);
        t.diagnostic(`${files.length} files, ${(weight / 1_000).toFixed(1)} kB gzip`);
        assert.ok(weight < CEILINGS[name], `${weight} bytes`);
        const main = files.find((file) => /(?:main|service|page)(?:-[\w-]+)?\.[cm]?js$/.test(file));
        // webpack writes scripts that are no modules.
        if (bundler === "webpack") writeFileSync(join(outdir, "package.json"), '{ "type": "commonjs" }');
        const env = { ...process.env, ...simulator.env };
        const output = await promisify(execFile)(process.execPath, [main], { cwd: outdir, env });
        const [version, found] = JSON.parse(output.stdout);
        assert.match(version, /^\d+\.\d+\.\d+$/);
        assert.equal(found, name === "service" ? simulator.organisation : "accounting.invoices.read");
      });
    }
  });
}
