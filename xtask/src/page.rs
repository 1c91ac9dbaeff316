//! The page: www/ and the library to target/www, plain files for any web server and any path on it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::{docs, package, root, run, stamp, tools, wasm};

/// The folder of the built page.
pub fn folder() -> PathBuf {
    root().join("target/www")
}

/// Builds the package, and then the page, which uses it.
pub fn build() -> Result<()> {
    package::build()?;
    let www = root().join("www");
    let mut inputs: Vec<_> = ["index.html", "style.css", "src", "tsconfig.json"].map(|name| www.join(name)).into();
    // With the glue and the module in it.
    inputs.push(root().join("pkg/src"));
    let outputs = FILES.map(|name| folder().join(name));
    stamp::once("page", include_str!("page.rs"), &inputs, &outputs, || {
        run::quiet("tsc: page", tools::npm_bin("tsc").arg("--project").arg(&www))?;
        bundle(&folder())?;
        let policy = wasm::MODULES.iter().find(|module| module.entry == "policy").context("the module of the page")?;
        policy.put_into(&folder().join("worker.js"))
    })?;
    println!("  built {}", folder().strip_prefix(root())?.display());
    Ok(())
}

/// The files of the page.
pub const FILES: [&str; 4] = ["index.html", "style.css", "main.js", "worker.js"];

/// Bundles the page into `folder`, with a placeholder for the module in its worker.
pub fn bundle(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    // The worker alone has the library, and is a classic script: more browsers have such workers.
    for (format, entries) in [
        ("esm", &["main=../www/src/main.ts", "style=../www/style.css"][..]),
        ("iife", &["worker=../www/src/worker.ts"]),
    ] {
        let mut esbuild = tools::npm_bin("esbuild");
        esbuild.args(entries).arg(format!("--format={format}")).arg(format!("--outdir={}", folder.display()));
        esbuild.args(["--bundle", "--minify", "--target=es2022", "--charset=utf8", "--log-level=warning"]);
        // The types of www/tsconfig.json are those of the built package; the code is bundled from its sources.
        // The field `sideEffects` of package.json is about the built files, not about these sources.
        esbuild.args(["--tsconfig-raw={}", "--alias:xero-m2m/policy=./src/entry/policy.ts", "--ignore-annotations"]);
        run::quiet(&format!("esbuild: page, {format}"), &mut esbuild)?;
    }
    fs::copy(root().join("www/index.html"), folder.join("index.html"))?;
    Ok(())
}

/// Builds the page and the documentation and serves them on loopback until it is interrupted.
pub fn serve(port: Option<u16>) -> Result<()> {
    run::title("serve");
    build()?;
    docs::build()?;
    tools::npm_ci("www")?;
    let mut node = run::command("node");
    node.arg("www/serve.mjs").arg(folder()).arg(docs::folder()).args(port.map(|port| port.to_string()));
    run::loud("server", &mut node)
}
