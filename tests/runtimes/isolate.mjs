// A Worker in workerd, by way of miniflare.
import { basename, join } from "node:path";
import { build } from "esbuild";
import { Miniflare } from "miniflare";

/** The Worker `entry`, bundled as wrangler bundles: the module stays a file beside it. `banner` runs before everything. */
export async function isolate(entry, { banner = "", ...options } = {}) {
  const outdir = join(import.meta.dirname, "built", entry);
  await build({
    entryPoints: [join(import.meta.dirname, entry)],
    outdir,
    bundle: true,
    format: "esm",
    target: "es2022",
    conditions: ["workerd", "worker", "browser"],
    external: ["node:*", "cloudflare:*"],
    loader: { ".wasm": "copy" },
    banner: { js: banner },
    logLevel: "error",
  });
  const worker = new Miniflare({
    modules: true,
    modulesRules: [{ type: "CompiledWasm", include: ["**/*.wasm"] }],
    rootPath: outdir,
    scriptPath: basename(entry).replace(/\.mjs$/, ".js"),
    compatibilityDate: "2026-04-01",
    ...options,
  });
  const url = await worker.ready.catch(async (error) => {
    await worker.dispose();
    throw error;
  });
  return {
    url: String(url),
    ask: async (url, init) => (await worker.dispatchFetch(url, init)).json(),
    close: () => worker.dispose(),
  };
}
