// A function in Vercel's edge runtime. What compiles the module there is the platform; here it is this file.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { EdgeVM } from "@edge-runtime/vm";
import { build } from "esbuild";

/** The function of `entry`, with this environment. */
export async function edge(entry, env = {}) {
  const modules = {};
  const platform = {
    name: "modules of the platform",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /\.wasm\?module$/ }, ({ path, importer }) => ({
        path: join(dirname(importer), path.replace("?module", "")),
        namespace: "module",
      }));
      onLoad({ filter: /.*/, namespace: "module" }, ({ path }) => {
        modules[path] = new WebAssembly.Module(readFileSync(path));
        return { contents: `export default modules[${JSON.stringify(path)}]` };
      });
    },
  };
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, entry)],
    write: false,
    bundle: true,
    format: "iife",
    globalName: "worker",
    target: "es2022",
    conditions: ["edge-light", "worker", "browser"],
    external: ["node:*"],
    plugins: [platform],
    logLevel: "error",
  });
  const vm = new EdgeVM({ extend: (context) => Object.assign(context, { modules, process: { env } }) });
  vm.evaluate(outputFiles[0].text);
  vm.evaluate("handle = worker.default.fetch ?? worker.default");
  return {
    ask: async (url) => {
      const asked = vm.evaluate(`handle(new Request(${JSON.stringify(url)})).then((response) => response.text())`);
      return JSON.parse(await asked);
    },
    close: () => {},
  };
}
