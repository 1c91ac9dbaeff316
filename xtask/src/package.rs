//! The npm package: wasm modules and TypeScript to pkg/dist, and pkg/dist to a tarball.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::addresses::Addresses;
use crate::{licences, page, root, run, stamp, tools, types, wasm};

/// The documents for users. They are packed under the same names, and the tests run their examples.
pub const DOCUMENTS: [&str; 12] = [
    "README.md",
    "docs/calls.md",
    "docs/errors.md",
    "docs/files.md",
    "docs/fleet.md",
    "docs/limits.md",
    "docs/recorder.md",
    "docs/scopes.md",
    "docs/types.md",
    "docs/users.md",
    "docs/verify.md",
    "docs/writes.md",
];

/// Other files of the root that are packed under the same names.
const SHARED: [&str; 3] = ["CHANGELOG.md", "LICENSE-MIT", "LICENSE-APACHE"];

/// Builds the wasm modules and the package, and packs it. Later calls in the same process do nothing.
pub fn build() -> Result<()> {
    static BUILT: OnceLock<()> = OnceLock::new();
    if BUILT.get().is_some() {
        return Ok(());
    }
    let version = version()?;
    tools::wasm_target()?;
    tools::rust_src()?;
    tools::npm_ci("pkg")?;
    types::build()?;
    wasm::build()?;
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
        "xero-usage.schema.json",
    ]
    .map(|name| pkg.join(name))
    .into();
    inputs.extend(["index.html", "style.css", "src"].map(|name| root().join("www").join(name)));
    inputs.push(types::folder());
    inputs.extend(shared.clone().map(|name| root().join(name)));
    let outputs = [pkg.join("dist/index.js"), tarball(&version)];
    stamp::once(
        "package",
        concat!(
            include_str!("package.rs"),
            include_str!("addresses.rs"),
            include_str!("licences.rs"),
            include_str!("page.rs")
        ),
        &inputs,
        &outputs,
        || {
            fs::create_dir_all(pkg.join("docs"))?;
            for name in shared {
                let (file, to) = (root().join(name), pkg.join(name));
                if name.ends_with(".md") {
                    let packed = Addresses::read(root())?.packed(&fs::read_to_string(&file)?, &version, &DOCUMENTS);
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

/// The record of esbuild: the files in a bundle.
fn metafile(name: &str) -> PathBuf {
    root().join(format!("target/{name}.meta.json"))
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

/// The options of the program's bundle: it imports the package by name as its users do, and contains the other packages,
/// which may `require` modules of Node.
const PROGRAM: [&str; 3] = [
    "--platform=node",
    "--external:xero-m2m",
    "--banner:js=import { createRequire as requireOfThisModule } from \"node:module\"; const require = requireOfThisModule(import.meta.url);",
];

/// The entries without a wasm module inside: three import other entries by name, one is passed the module, five are stores,
/// one verifies webhooks, and one reads dates.
const PLAIN: [&str; 11] = [
    "dates/dates",
    "doctor/doctor",
    "opentelemetry/opentelemetry",
    "entry/slim",
    "app/app",
    "webhook/webhook",
    "vault/shared",
    "vault/file",
    "vault/postgres",
    "vault/redis",
    "vault/durable-object",
];

/// What `node --import` and `node --require` load: a script for both, which reads its module from a file.
const PRELOADED: &str = "record/record";

/// The platforms that import a wasm module statically; each module has an entry for each.
const STATIC: [&str; 2] = ["workerd", "edge-light"];

fn dist(pkg: &Path) -> Result<()> {
    let folder = pkg.join("dist");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    run::quiet("tsc: check and declare", tools::npm_bin("tsc").args(["--project", "."]))?;
    run::step("declarations for require", || declare_cjs(&folder))?;
    run::step("types of Xero's APIs", || types::copy_into(&folder.join("types")))?;

    // What a service loads is one file, because every further import costs it time when it starts. Names are shortened; source
    // maps can be made from the commit of a version.
    let common =
        ["--bundle", "--outdir=dist", "--minify", "--line-limit=1000", "--charset=utf8", "--log-level=warning"];
    let (esm, cjs) = (["--format=esm", "--target=es2022"], ["--format=cjs", "--out-extension:.js=.cjs"]);
    let bundle = |what: &str, entries: &[String], arguments: &[&str]| {
        let mut esbuild = tools::npm_bin("esbuild");
        esbuild.args(entries.iter().map(|entry| entry.replace('@', "src/"))).args(common).args(arguments);
        run::quiet(&format!("esbuild: {what}"), &mut esbuild).map(drop)
    };
    // The name of a file of dist, and its source.
    let plain = || PLAIN.iter().map(|entry| format!("{}=@{entry}.ts", entry.rsplit('/').next().unwrap_or(entry)));
    let of_wasm = || wasm::of_entries().map(|module| format!("{}=@entry/{}.ts", module.entry, module.on("require")));
    // fflate is the only package that is bundled into an entry.
    let outward = ["--external:xero-m2m", "--external:@opentelemetry/api", "--external:node:*", "--entry-names=[name]"];
    let of_files = |name: &str| format!("--metafile={}", metafile(name).display());
    let one_file = ["index=@entry/index.ts".to_owned()].into_iter().chain(plain());
    let imported: Vec<_> = one_file.filter(|entry| !entry.starts_with("slim=")).collect();
    bundle("import", &imported, &[&esm[..], &outward].concat())?;
    let preloaded = || [format!("record=@{PRELOADED}.ts")];
    let of_service = |entry: &String| entry.starts_with("index=") || entry.starts_with("slim=");
    let (sharing, required): (Vec<_>, Vec<_>) = of_wasm().chain(plain()).chain(preloaded()).partition(of_service);
    bundle("require", &required, &[&cjs[..], &outward].concat())?;
    // esbuild splits ES modules alone, so what the two entries for a service share is one before it is for `require`.
    let split = ["--splitting", "--chunk-names=platforms", "--out-extension:.js=.cjs"];
    bundle("require of a service", &sharing, &[&esm[..], &outward, &split].concat())?;
    let parts = ["index", "slim", "platforms"].map(|name| format!("dist/{name}.cjs"));
    let mut translate = tools::npm_bin("esbuild");
    translate.args(&parts).args(cjs).args([
        "--outdir=dist",
        "--allow-overwrite",
        "--minify",
        "--line-limit=1000",
        "--charset=utf8",
    ]);
    run::quiet("esbuild: to require", &mut translate)?;
    // The entries differ in where their module is: they share a file for the rest.
    for module in wasm::of_entries() {
        let other = if module.entry == "index" { "slim" } else { module.entry };
        let entries = STATIC.map(|name| module.on(name)).into_iter().chain([other.to_owned()]);
        let entries: Vec<_> = entries.map(|name| format!("@entry/{name}.ts")).collect();
        let shared = format!("--chunk-names={}", module.on("platforms"));
        let files = of_files(module.entry);
        let split = ["--splitting", &shared, "--external:*.wasm", "--external:*.wasm?module", &files];
        bundle(&format!("platforms of {}", module.name), &entries, &[&esm[..], &outward, &split].concat())?;
    }
    bundle("program", &["cli=@cli/main.ts".to_owned()], &[&esm[..], &PROGRAM, &[&of_files("cli")]].concat())?;
    run::step("the page", || compressed_page(&folder.join("page")))?;
    run::step("licences of what is inside", || {
        licences::of_packages(pkg, &["policy", "simulator", "cli"].map(metafile), &folder.join("cli.LICENSES.txt"))?;
        licences::of_wasm(&folder.join("wasm.LICENSES.txt"))
    })?;
    for module in wasm::of_entries() {
        module.put_into(&folder.join(format!("{}.js", module.entry)))?;
    }
    wasm::MODULES.iter().try_for_each(|module| module.copy_into(&folder))?;
    Ok(())
}

/// Writes the files of the page into `folder`, compressed. `xero-m2m page` serves them with the text of the module in policy.js.
fn compressed_page(folder: &Path) -> Result<()> {
    let bundled = root().join("target/page");
    page::bundle(&bundled)?;
    fs::create_dir_all(folder)?;
    for name in page::FILES {
        let mut compressed = Vec::new();
        zopfli::compress(
            zopfli::Options::default(),
            zopfli::Format::Deflate,
            fs::File::open(bundled.join(name))?,
            &mut compressed,
        )?;
        fs::write(folder.join(format!("{name}.deflate")), compressed)?;
    }
    Ok(())
}

/// Keeps the declarations that the entries lead to, and writes a .d.cts beside each .d.ts: TypeScript takes the format of a
/// script from the name of its declaration.
fn declare_cjs(dist: &Path) -> Result<()> {
    let with_wasm = wasm::of_entries().map(|module| format!("entry/{}", module.entry));
    let mut open: Vec<_> = with_wasm
        .chain(PLAIN.map(str::to_owned))
        .chain([PRELOADED.to_owned()])
        .map(|entry| dist.join(entry + ".d.ts"))
        .collect();
    let mut needed = BTreeSet::new();
    while let Some(file) = open.pop() {
        let file = file.canonicalize().with_context(|| format!("no {}", file.display()))?;
        let folder = file.parent().context("a file is in a folder")?.to_owned();
        let text = fs::read_to_string(&file)?;
        if needed.insert(file) {
            let imports = text.split('"').filter(|part| part.starts_with('.'));
            open.extend(
                imports.filter_map(|part| part.strip_suffix(".js")).map(|path| folder.join(path.to_owned() + ".d.ts")),
            );
        }
    }
    for file in stamp::files(dist)? {
        let (name, _) = file.to_str().and_then(|name| name.split_once(".d.ts")).context("tsc declares only")?;
        if needed.contains(&file.canonicalize()?) {
            fs::write(format!("{name}.d.cts"), as_cjs(&fs::read_to_string(&file)?))?;
        } else {
            fs::remove_file(&file)?;
        }
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
