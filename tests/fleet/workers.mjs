/** Workers in workerd, by way of miniflare, that share the Durable Object of the package. */

import { basename, join } from "node:path";
import { build } from "esbuild";
import { Miniflare } from "miniflare";

/**
 * Starts so many Workers of the file `entry`, bundled as wrangler does it; each uses the object of the first one. With a folder the
 * objects are kept there.
 */
export async function workers(t, count, { entry, folder, bindings = {} }) {
  const outdir = join(import.meta.dirname, "../built", basename(entry));
  await build({
    entryPoints: [entry],
    outdir,
    bundle: true,
    format: "esm",
    target: "es2022",
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:*"],
    loader: { ".wasm": "copy" },
    logLevel: "error",
  });
  const worker = (n) => ({
    name: `worker-${n}`,
    modules: true,
    modulesRules: [{ type: "CompiledWasm", include: ["**/*.wasm"] }],
    rootPath: outdir,
    scriptPath: basename(entry).replace(/\.mjs$/, ".js"),
    compatibilityDate: "2026-04-01",
    bindings,
    durableObjects: { XERO_FLEET: { className: "XeroFleet", scriptName: "worker-0", useSQLite: true } },
  });
  const all = Array.from({ length: count }, (_, n) => worker(n));
  const miniflare = new Miniflare({ workers: all, ...(folder && { durableObjectsPersist: folder }) });
  let isOpen = true;
  const close = async () => {
    if (isOpen) await miniflare.dispose();
    isOpen = false;
  };
  t.after(close);
  return {
    /** Asks the Worker of this number, and returns its answer. A body is sent as JSON. */
    async ask(n, body, path = "") {
      const worker = await miniflare.getWorker(`worker-${n}`);
      const init = body && { method: "POST", body: JSON.stringify(body) };
      return (await worker.fetch(`http://worker/${path}`, init)).json();
    },
    close,
  };
}
