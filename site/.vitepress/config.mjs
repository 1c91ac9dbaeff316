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

/** The anchor of a heading, as GitHub makes it: links then work in both. */
function slugify(heading) {
  return heading.trim().toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, "").replaceAll(/\s/g, "-");
}

export default defineConfig({
  title: "xero-m2m",
  description: "Machine-to-machine access to Xero: tokens, scopes, limits and writes.",
  lang: "en-GB",
  base: "/docs/",
  srcDir: "../docs",
  outDir: "../target/docs",
  cacheDir: "../target/docs-cache",
  markdown: { anchor: { slugify } },
  vite: { plugins: [packagesOfThisFolder] },
  themeConfig: {
    search: { provider: "local" },
    outline: [2, 3],
    nav: [
      { text: "API reference", link: "/reference/index.html", target: "_self" },
      { text: "Scopes page", link: "../", target: "_self" },
    ],
    sidebar: [
      {
        text: "Begin",
        items: [
          { text: "Start here", link: "/" },
          { text: "Choosing a connection", link: "/choosing" },
          { text: "Moving from xero-node", link: "/xero-node" },
        ],
      },
      {
        text: "Use",
        items: [
          { text: "Calls", link: "/calls" },
          { text: "Types of Xero's APIs", link: "/types" },
          { text: "Errors", link: "/errors" },
          { text: "Limits and retries", link: "/limits" },
          { text: "Writing without duplicates", link: "/writes" },
          { text: "Uploads and downloads", link: "/files" },
          { text: "A fleet of processes", link: "/fleet" },
          { text: "Users and the app's own calls", link: "/users" },
          { text: "Workers", link: "/workers" },
          { text: "Runtimes", link: "/runtimes" },
          { text: "Security", link: "/security" },
        ],
      },
      {
        text: "Scopes",
        items: [
          { text: "Scopes and the change of 2027", link: "/scopes" },
          { text: "The recorder", link: "/recorder" },
          { text: "Rules", link: "/rules" },
        ],
      },
      {
        text: "Test",
        items: [
          { text: "Tests", link: "/testing" },
          { text: "The local Xero", link: "/local-xero" },
          { text: "Other clients", link: "/other-clients" },
          { text: "Ten minutes with a live account", link: "/verify" },
        ],
      },
      { text: "Contribute", items: [{ text: "The package and its build", link: "/packaging" }] },
    ],
  },
});
