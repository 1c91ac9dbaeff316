// The documentation as pages: the Markdown of docs/, built to target/docs. A link that leads nowhere fails the build.
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitepress";

/** The pages are outside of this folder, and import packages that are in it. */
const packagesOfThisFolder = {
  name: "packages-of-this-folder",
  enforce: "pre",
  resolveId(id, importer = "") {
    const isOfPage = /^vue(?:\/|$)/.test(id) && !importer.includes("node_modules");
    return isOfPage ? this.resolve(id, fileURLToPath(import.meta.url), { skipSelf: true }) : undefined;
  },
};

export default defineConfig({
  title: "xero-m2m",
  description: "Machine-to-machine access to Xero: tokens, scopes, limits and writes.",
  lang: "en-GB",
  base: "/docs/",
  srcDir: "../docs",
  outDir: "../target/docs",
  cacheDir: "../target/docs-cache",
  vite: { plugins: [packagesOfThisFolder] },
  themeConfig: {
    search: { provider: "local" },
    outline: [2, 3],
    nav: [{ text: "Scopes page", link: "../", target: "_self" }],
    sidebar: [
      { text: "Start here", link: "/" },
      {
        text: "Use",
        items: [
          { text: "Calls, errors and limits", link: "/calls" },
          { text: "Types of Xero's APIs", link: "/types" },
          { text: "Scopes and plans", link: "/scopes" },
          { text: "Users and the app's own calls", link: "/users" },
          { text: "The recorder", link: "/recorder" },
          { text: "Runtimes", link: "/runtimes" },
        ],
      },
      {
        text: "Test",
        items: [
          { text: "The local Xero", link: "/local-xero" },
          { text: "Other clients", link: "/other-clients" },
          { text: "Ten minutes with a live account", link: "/verify" },
        ],
      },
      { text: "Contribute", items: [{ text: "The package and its build", link: "/packaging" }] },
    ],
  },
});
