//! The npm package: wasm modules and TypeScript to pkg/dist, and pkg/dist to a tarball.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::addresses::Addresses;
use crate::{licences, root, run, stamp, tools, wasm};

/// The documents for users. They are packed under the same names, and the tests run their examples.
pub const DOCUMENTS: [&str; 3] = ["README.md", "docs/calls.md", "docs/scopes.md"];

/// Other files of the root that are packed under the same names.
const SHARED: [&str; 3] = ["CHANGELOG.md", "LICENSE-MIT", "LICENSE-APACHE"];

/// Builds the wasm modules and the package, and packs it; once, however many parts ask for it.
pub fn build() -> Result<()> {
    static BUILT: OnceLock<()> = OnceLock::new();
    if BUILT.get().is_some() {
        return Ok(());
    }
    let version = version()?;
    tools::wasm_target()?;
    tools::rust_src()?;
    tools::npm_ci("pkg")?;
    for module in &wasm::MODULES {
        module.build()?;
    }
    let pkg = root().join("pkg");
    let shared = DOCUMENTS.into_iter().chain(SHARED).filter(|name| root().join(name).exists());
    let mut inputs: Vec<_> = [
        "src",
        "addresses.json",
        "package.json",
        "package-lock.json",
        "tsconfig.json",
        "policy.schema.json",
        "xero-policy.schema.json",
    ]
    .map(|name| pkg.join(name))
    .into();
    inputs.extend(shared.clone().map(|name| root().join(name)));
    let outputs = [pkg.join("dist/index.js"), tarball(&version)];
    stamp::once(
        "package",
        concat!(include_str!("package.rs"), include_str!("addresses.rs")),
        &inputs,
        &outputs,
        || {
            fs::create_dir_all(pkg.join("docs"))?;
            for name in shared {
                let (file, to) = (root().join(name), pkg.join(name));
                if name.ends_with(".md") {
                    let packed = Addresses::read(root())?.packed(&fs::read_to_string(&file)?, &version);
                    fs::write(to, packed.context(name)?)?;
                } else {
                    fs::copy(&file, to)?;
                }
            }
            dist(&pkg)?;
            pack(&pkg, &version)
        },
    )?;
    println!("  built {}", tarball(&version).strip_prefix(root())?.display());
    let _ = BUILT.set(());
    Ok(())
}

/// The packed package of this version.
pub fn tarball(version: &str) -> PathBuf {
    root().join(format!("target/pack/xero-m2m-{version}.tgz"))
}

/// The version of crate and package, which must be one.
pub fn version() -> Result<String> {
    let read = |name: &str| fs::read_to_string(root().join(name)).with_context(|| format!("cannot read {name}"));
    let cargo = read("Cargo.toml")?;
    let crates = cargo.lines().find_map(|line| line.strip_prefix("version = \"")?.strip_suffix('"'));
    let crates = crates.context("Cargo.toml has no line `version = \"…\"`")?;
    let manifest: Value = serde_json::from_str(&read("pkg/package.json")?).context("pkg/package.json")?;
    let npm = manifest["version"].as_str().context("pkg/package.json has no version")?;
    ensure!(crates == npm, "Cargo.toml says version {crates}, pkg/package.json {npm}: make them one");
    Ok(npm.to_owned())
}

/// How the program differs: it uses the package as its users do, and has the other packages in it, which may `require`
/// what Node has.
const PROGRAM: [&str; 3] = [
    "--platform=node",
    "--external:xero-m2m",
    "--banner:js=import { createRequire as requireOfThisModule } from \"node:module\"; const require = requireOfThisModule(import.meta.url);",
];

/// The entries that have no wasm of their own: two use those that do, by name, and one is given it.
const PLAIN: [&str; 3] = ["doctor/doctor", "opentelemetry/opentelemetry", "entry/slim"];

/// The platforms that take a module by a static import, and for which each module has an entry.
const STATIC: [&str; 2] = ["workerd", "edge-light"];

fn dist(pkg: &Path) -> Result<()> {
    let folder = pkg.join("dist");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    run::quiet("tsc: check and declare", tools::npm_bin("tsc").args(["--project", "."]))?;
    run::step("declarations for require", || declare_cjs(&folder))?;

    // Each entry is one file, because every further import costs a service time when it starts. The maps lead to the
    // sources, which are published too; `node --enable-source-maps` shows stacks in their names.
    let common = ["--bundle", "--outdir=dist", "--minify", "--line-limit=120", "--charset=utf8", "--log-level=warning"];
    let (esm, cjs) = (["--format=esm", "--target=es2022"], ["--format=cjs", "--out-extension:.js=.cjs"]);
    let bundle = |what: &str, entries: &[String], arguments: &[&str]| {
        let mut esbuild = tools::npm_bin("esbuild");
        esbuild.args(entries).args(common).args(["--sourcemap", "--sources-content=false"]).args(arguments);
        run::quiet(&format!("esbuild: {what}"), &mut esbuild).map(drop)
    };
    let with_wasm = wasm::MODULES.iter().map(|module| format!("entry/{}", module.entry));
    let entries: Vec<_> = with_wasm.chain(PLAIN.map(str::to_owned)).map(|entry| format!("src/{entry}.ts")).collect();
    let outward = ["--packages=external", "--entry-names=[name]"];
    bundle("import", &entries, &[&esm[..], &outward].concat())?;
    bundle("require", &entries, &[&cjs[..], &outward].concat())?;
    let platforms: Vec<_> = wasm::MODULES.iter().flat_map(|module| STATIC.map(|name| module.on(name))).collect();
    let platforms: Vec<_> = platforms.iter().map(|name| format!("src/entry/{name}.ts")).collect();
    bundle(
        "platforms",
        &platforms,
        &[&esm[..], &outward, &["--external:*.wasm", "--external:*.wasm?module"]].concat(),
    )?;
    let metafile = root().join("target/cli.meta.json");
    let metafile_argument = format!("--metafile={}", metafile.display());
    bundle("program", &["cli=src/cli/main.ts".to_owned()], &[&esm[..], &PROGRAM, &[&metafile_argument]].concat())?;
    run::step("licences of what is inside", || {
        licences::of_program(pkg, &metafile, &folder.join("cli.LICENSES.txt"))?;
        licences::of_wasm(&folder.join("wasm.LICENSES.txt"))
    })?;
    for module in &wasm::MODULES {
        for suffix in ["js", "cjs"] {
            module.put_into(&folder.join(format!("{}.{suffix}", module.entry)))?;
        }
        module.copy_into(&folder)?;
    }
    Ok(())
}

/// Beside each .d.ts the same as .d.cts: TypeScript takes the format of the script from the name of the declaration.
fn declare_cjs(dist: &Path) -> Result<()> {
    // A program, not a module: nobody imports it or its parts.
    fs::remove_dir_all(dist.join("cli"))?;
    // Of the platforms, what they export is that of the usual entries.
    for module in &wasm::MODULES {
        for name in STATIC {
            fs::remove_file(dist.join("entry").join(format!("{}.d.ts", module.on(name))))?;
        }
    }
    for file in stamp::files(dist)? {
        let text = fs::read_to_string(&file)?;
        let (name, _) = file.to_str().and_then(|name| name.split_once(".d.ts")).context("tsc declares only")?;
        fs::write(format!("{name}.d.cts"), as_cjs(&text))?;
    }
    Ok(())
}

/// A declaration whose relative imports name .cjs files.
fn as_cjs(declaration: &str) -> String {
    let mut out = String::new();
    let mut rest = declaration;
    while let Some((before, after)) = rest.split_once(".js\"") {
        out.push_str(before);
        let relative = before.rsplit('"').next().is_some_and(|path| path.starts_with('.'));
        out.push_str(if relative { ".cjs\"" } else { ".js\"" });
        rest = after;
    }
    out + rest
}

fn pack(pkg: &Path, version: &str) -> Result<()> {
    let tarball = tarball(version);
    let folder = tarball.parent().context("the tarball is in a folder")?;
    fs::create_dir_all(folder)?;
    let mut npm = tools::npm(pkg, &["pack", "--ignore-scripts", "--pack-destination"]);
    run::quiet("npm pack", npm.arg(folder))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn only_relative_imports_become_cjs() {
        let import = "import { A } from \"./a.js\";\nimport B from \"b.js\";\ntype C = import(\"../c.js\").C;\n";
        let expected = "import { A } from \"./a.cjs\";\nimport B from \"b.js\";\ntype C = import(\"../c.cjs\").C;\n";
        assert_eq!(super::as_cjs(import), expected);
    }
}
