// The reference: the declarations of every export of the package, to static pages beside those of docs/. A warning is an error.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Converter } from "typedoc";

const dist = new URL("../pkg/dist/", import.meta.url);
const { exports } = JSON.parse(readFileSync(new URL("../pkg/package.json", import.meta.url), "utf8"));

/** Declarations without their ending, such as `entry/policy`, by the name of their import. Types of Xero's data are not among them. */
const DECLARATIONS = Object.entries(exports).flatMap(([name, conditions]) => {
  const types = conditions.import?.types ?? conditions.types;
  if (!types || types.startsWith("./dist/types/")) return [];
  return [[`xero-m2m${name.slice(1)}`, types.replace("./dist/", "").replace(/\.d\.c?ts$/, "")]];
});

/** Names the modules as programs import them, and not by their files. */
function named(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const module of project.children ?? []) {
      const found = DECLARATIONS.find(([, file]) => file === module.name || file === `${module.name}/index`);
      if (!found) throw new Error(`${module.name} is no export of the package`);
      module.name = found[0];
    }
  });
  // A comment of another module names a class of the first as readers know it: the declaration has no import for that.
  app.converter.addUnknownSymbolResolver((reference, from) => {
    const name = reference.symbolReference?.path?.at(-1)?.path;
    const target = name && from.project.children?.find((module) => module.name === "xero-m2m")?.getChildByName([name]);
    return target && { target };
  });
}

export default {
  name: "xero-m2m",
  plugin: [named],
  entryPoints: DECLARATIONS.map(([, file]) => fileURLToPath(new URL(`${file}.d.ts`, dist))),
  tsconfig: fileURLToPath(new URL("tsconfig.json", import.meta.url)),
  out: fileURLToPath(new URL("../target/docs/reference", import.meta.url)),
  readme: "none",
  disableSources: true,
  githubPages: false,
  treatWarningsAsErrors: true,
  treatValidationWarningsAsErrors: true,
  // Small types that no entry exports are named and not linked.
  validation: { invalidLink: true, notExported: false, notDocumented: false },
  navigationLinks: { Documentation: "../" },
};
