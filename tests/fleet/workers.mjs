/** Workers in workerd, by way of miniflare, that share the Durable Object of the package. */

import { join } from "node:path";
import { build } from "esbuild";
import { Miniflare } from "miniflare";

/** The Worker `store-worker.mjs`, as wrangler bundles it. */
async function bundled() {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, "store-worker.mjs")],
    bundle: true,
    format: "esm",
    target: "es2022",
    conditions: ["workerd", "worker", "browser"],
    write: false,
  });
  return outputFiles[0].text;
}

/**
 * Starts so many Workers that each use the object of the first one. With a folder the objects are kept
 * there.
 */
export async function workers(t, count, folder) {
  const script = await bundled();
  const worker = (n) => ({
    name: `worker-${n}`,
    modules: true,
    script,
    compatibilityDate: "2026-04-01",
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
  /** Has the Worker of this number do what the body asks for, and returns its answer. */
  const ask = async (n, body) => {
    const worker = await miniflare.getWorker(`worker-${n}`);
    return (await worker.fetch("http://worker/", { method: "POST", body: JSON.stringify(body) })).json();
  };
  return { ask, close };
}
