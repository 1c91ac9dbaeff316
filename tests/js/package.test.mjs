import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { CEILINGS, parts, weighed } from "../bench/parts.mjs";

const require = createRequire(import.meta.url);
const manifestFile = require.resolve("xero-m2m/package.json");
const manifest = JSON.parse(readFileSync(manifestFile, "utf8"));

for (const name of ["xero-m2m/doctor", "xero-m2m/opentelemetry", "xero-m2m/user", "xero-m2m/app"]) {
  test(`${name}: import and require give the same functions`, async () => {
    assert.equal(require(name), await import(name));
    const bundle = join(dirname(manifestFile), manifest.exports[name.replace("xero-m2m", ".")].require.default);
    assert.deepEqual(Object.keys(require(bundle)), Object.keys(await import(name)));
  });
}

for (const name of ["xero-m2m", "xero-m2m/policy", "xero-m2m/simulator"]) {
  test(`${name}: its wasm knows the version of the package`, async () => {
    assert.equal((await import(name)).version, manifest.version);
  });

  test(`${name}: import and require give the same instance`, async () => {
    assert.equal(require(name), await import(name));
  });

  test(`${name}: the bundle for tools that know no module-sync works as well`, async () => {
    const bundle = join(dirname(manifestFile), manifest.exports[name.replace("xero-m2m", ".")].require.default);
    assert.deepEqual(Object.keys(require(bundle)).sort(), Object.keys(await import(name)).sort());
    assert.equal(require(bundle).version, manifest.version);
  });
}

test("it weighs no more than its ceilings", () => {
  for (const [name, size] of Object.entries(weighed(parts(dirname(manifestFile))))) {
    assert.ok(size <= CEILINGS[name], `${name}: ${size} of ${CEILINGS[name]} bytes`);
  }
});

test("the bytes of each wasm module are there twice: in its file, and as text in one script", () => {
  const dist = join(dirname(manifestFile), "dist");
  const scripts = readdirSync(dist).filter((name) => /\.c?js$/.test(name));
  // As bytes, or compressed: a text of ASCII without space, `"`, `<` and `\`.
  const carrying = scripts.filter((name) => /\0asm|"[!#-;=-[\]-~]{100000,}"/.test(readFileSync(join(dist, name), "utf8")));
  assert.deepEqual(carrying.sort(), ["index.js", "policy.js", "simulator.js", "user.js"]);
  assert.deepEqual(readdirSync(dist).filter((name) => name.endsWith(".wasm")).sort(), ["policy.wasm", "simulator.wasm", "user.wasm", "xero-m2m.wasm"]);
});

test("what a connection of a user loads beside the client imports nothing, and is no more than its ceiling", () => {
  const bytes = readFileSync(join(dirname(manifestFile), "dist/user.wasm"));
  assert.deepEqual(WebAssembly.Module.imports(new WebAssembly.Module(bytes)), []);
  const size = gzipSync(bytes, { level: 9 }).length;
  // 53,000 before the processes of a fleet shared their limits.
  assert.ok(size <= 74_000, `${size} bytes`);
});

test("it holds no source map, and no script names one", () => {
  const dist = join(dirname(manifestFile), "dist");
  const names = readdirSync(dist);
  assert.deepEqual(names.filter((name) => name.endsWith(".map")), []);
  for (const name of names.filter((name) => /\.c?js$/.test(name))) assert.doesNotMatch(readFileSync(join(dist, name), "latin1"), /sourceMappingURL/, name);
});

test("it has no dependencies and runs nothing on install", () => {
  assert.deepEqual(
    Object.keys(manifest).filter((key) => /^(d|optionalD)ependencies$|^scripts$/.test(key)),
    [],
  );
  for (const peer of Object.keys(manifest.peerDependencies)) assert.ok(manifest.peerDependenciesMeta[peer].optional);
});

test("no document and no page of --help points to a file that is not in the package", () => {
  const folder = dirname(manifestFile);
  const documents = ["README.md", "CHANGELOG.md", "docs/calls.md", "docs/fleet.md", "docs/recorder.md", "docs/scopes.md", "docs/users.md", "docs/verify.md"];
  const texts = documents.map((name) => {
    const text = readFileSync(join(folder, name), "utf8");
    const links = [...text.matchAll(/\]\((?!https:)([^)]+)\)/g)].map(([, link]) => link);
    for (const link of links) assert.ok(existsSync(join(folder, dirname(name), link)), link);
    // Checked, so that they are no reason to fail below.
    return links.reduce((rest, link) => rest.replaceAll(link, ""), text);
  });
  const help = (...args) => execFileSync(process.execPath, [join(folder, "dist/cli.js"), ...args, "--help"], { encoding: "utf8" });
  const pages = ["check", "scopes", "plan", "assess", "doctor", "verify", "page", "simulate"].map((command) => help(command));
  for (const text of [...texts, help(), ...pages]) {
    assert.doesNotMatch(text, /cargo xtask|\b(?:docs|examples|tests|www|xtask)\/|ARCHITECTURE|src\/catalogue|<!-- /);
  }
  // Addresses of the project are in one place, and none is known unless all are.
  const known = ["repository", "homepage", "bugs"].filter((name) => name in manifest);
  assert.ok([0, 3].includes(known.length), known.join());
});

test("importing it leaves nothing global", async () => {
  const script = `
    const before = Reflect.ownKeys(globalThis);
    await import("xero-m2m");
    await import("xero-m2m/policy");
    await import("xero-m2m/simulator");
    console.log(JSON.stringify(Reflect.ownKeys(globalThis).filter((key) => !before.includes(key)).map(String)));`;
  const output = execFileSync(process.execPath, ["--input-type=module", "--eval", script], {
    cwd: import.meta.dirname ?? dirname(new URL(import.meta.url).pathname),
    encoding: "utf8",
  });
  assert.deepEqual(JSON.parse(output), []);
});

test("the entry that a service loads imports no other file", () => {
  const imported = (entry) => {
    const script = readFileSync(join(dirname(manifestFile), "dist", entry), "utf8");
    return [...script.matchAll(/(?:\bfrom|\bimport|\bimport\(|\brequire\()\s*"([^"]+)"/g)].map(([, path]) => path);
  };
  // The diagnosis is loaded by who asks for one.
  assert.deepEqual(imported("index.js"), ["xero-m2m/doctor"]);
  // The others share a file with the entries of platforms, and have their module beside it.
  assert.deepEqual(imported("policy.js"), ["./policy-platforms.js"]);
  assert.deepEqual(imported("user.js"), ["./user-platforms.js"]);
  // The local Xero serves HTTP, but not everywhere.
  assert.deepEqual(imported("simulator.js"), ["./simulator-platforms.js", "node:http", "node:https", "node:crypto"]);
  // Platforms whose programs are bundles merge what their entries share.
  for (const name of ["", "policy-", "simulator-"]) {
    const wasm = `./${name ? name.slice(0, -1) : "xero-m2m"}.wasm`;
    assert.deepEqual(imported(`${name}workerd.js`), [`./${name}platforms.js`, wasm]);
    assert.deepEqual(imported(`${name}edge-light.js`), [`./${name}platforms.js`, `${wasm}?module`]);
    assert.deepEqual(imported(`${name}platforms.js`), []);
  }
});

test("slim works after init with the core, compiled or as bytes, and before that its error names init", async () => {
  for (const compiled of [false, true]) {
    const script = `
      import { readFileSync } from "node:fs";
      import { createRequire } from "node:module";
      import { CustomConnection, catalogueVersion, init } from "xero-m2m/slim";
      import { createSimulator } from "xero-m2m/simulator";
      const { clientId, clientSecret, fetch, organisation } = createSimulator({ invoices: 1 });
      const make = () => new CustomConnection({ clientId, clientSecret, fetch });
      try {
        make();
      } catch ({ code, message }) {
        console.log(code, message);
      }
      const bytes = readFileSync(createRequire(import.meta.url).resolve("xero-m2m/xero-m2m.wasm"));
      init(${compiled} ? new WebAssembly.Module(bytes) : bytes);
      init(bytes);
      const { Organisations } = await make().json("GET", "/Organisation");
      console.log(catalogueVersion, Organisations[0].Name === organisation);`;
    const output = execFileSync(process.execPath, ["--input-type=module", "--eval", script], {
      cwd: dirname(new URL(import.meta.url).pathname),
      encoding: "utf8",
    });
    assert.match(output, /^not_initialised .*init\(module\).*\n\d{4}-\d\d-\d\d true\n$/);
  }
});
