//! The licences of other people's code in the package.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::{run, wasm};

/// Writes the licences of the packages whose files esbuild has put into the program, by its metafile.
pub fn of_program(pkg: &Path, metafile: &Path, to: &Path) -> Result<()> {
    let read = |file: &Path| fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()));
    let meta: Value = serde_json::from_str(&read(metafile)?)?;
    let inputs = meta["inputs"].as_object().context("the metafile has inputs")?;
    let packages: BTreeSet<&str> = inputs.keys().filter_map(|file| package_of(file)).collect();
    ensure!(!packages.is_empty(), "the program bundles no package, as far as {} says", metafile.display());
    let mut text = String::from("dist/cli.js contains these packages, each under its own licence.\n");
    for package in packages {
        let folder = pkg.join(package);
        let manifest: Value = serde_json::from_str(&read(&folder.join("package.json"))?)?;
        let word = |member: &str| manifest[member].as_str().with_context(|| format!("{package} has no {member}"));
        text.push_str(&section([word("name")?, word("version")?, word("license")?], &folder, None)?);
    }
    fs::write(to, text).with_context(|| format!("cannot write {}", to.display()))
}

/// Writes the licences of the crates that the wasm modules are compiled from.
pub fn of_wasm(to: &Path) -> Result<()> {
    let features = wasm::MODULES.map(|module| module.feature).join(",");
    let platform = ["--target", "wasm32-unknown-unknown", "--features", &features];
    let cargo = || run::command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    let mut tree = cargo();
    tree.args(["tree", "--edges", "normal,no-proc-macro", "--prefix", "none", "--format", "{p}"]).args(platform);
    let tree = String::from_utf8(tree.output()?.stdout)?;
    // `serde v1.0.229`, and perhaps more.
    let used: BTreeSet<_> = tree.lines().filter_map(|line| line.split_once(" v")).collect();
    let is_used = |name: &str, version: &str| {
        used.iter().any(|(own, rest)| *own == name && rest.split(' ').next() == Some(version))
    };
    let mut metadata = cargo();
    metadata.args(["metadata", "--format-version", "1", "--filter-platform", "wasm32-unknown-unknown"]);
    metadata.args(["--features", &features]);
    let metadata: Value = serde_json::from_slice(&metadata.output()?.stdout).context("cargo metadata")?;
    let mut text = String::from(
        "The wasm modules are compiled from these crates, each under its own licence, and from Rust's standard library\n\
         (MIT OR Apache-2.0).\n",
    );
    let mut packages = metadata["packages"].as_array().context("cargo metadata has packages")?.clone();
    packages.sort_by_key(|package| package["name"].as_str().map(str::to_owned));
    let mut sections = 0;
    for package in packages {
        let word = |member: &str| package[member].as_str().with_context(|| format!("a crate has no {member}"));
        let (name, version) = (word("name")?, word("version")?);
        // A package without a registry is the project's own.
        if package["source"].is_null() || !is_used(name, version) {
            continue;
        }
        let folder = Path::new(word("manifest_path")?).parent().context("a manifest is in a folder")?;
        // Not every crate brings the text of a licence that everybody knows.
        let authors: Vec<_> = package["authors"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let instead = format!("By {}; {}", authors.join(", "), word("repository")?);
        text.push_str(&section([name, version, word("license")?], folder, Some(&instead))?);
        sections += 1;
    }
    ensure!(sections > 5, "the wasm modules use {sections} crates, as far as cargo says");
    fs::write(to, text).with_context(|| format!("cannot write {}", to.display()))
}

/// One package or crate: its name, version and licence, and the text of it, MIT's where there are several; `instead`, where
/// it has none.
fn section([name, version, licence]: [&str; 3], folder: &Path, instead: Option<&str>) -> Result<String> {
    let files = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    let stem = |file: &PathBuf| file.file_name().map(|name| name.to_string_lossy().to_ascii_lowercase());
    let mut files: Vec<_> =
        files.into_iter().filter(|file| stem(file).is_some_and(|stem| stem.starts_with("licen"))).collect();
    files.sort_by_key(|file| stem(file).is_none_or(|stem| !stem.contains("mit")));
    let text = match (files.first(), instead) {
        (Some(file), _) => fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?,
        (None, instead) => instead.with_context(|| format!("{name} has no licence file"))?.to_owned(),
    };
    let heading = format!("{name} {version} ({licence})");
    Ok(format!("\n{heading}\n{}\n\n{}\n", "=".repeat(heading.len()), text.trim()))
}

/// The folder of the package that a file of node_modules belongs to; none for the project's own.
fn package_of(file: &str) -> Option<&str> {
    const FOLDER: &str = "node_modules/";
    let start = file.rfind(FOLDER)? + FOLDER.len();
    let names = if file[start..].starts_with('@') { 2 } else { 1 };
    let end = file[start..].match_indices('/').nth(names - 1)?.0;
    Some(&file[..start + end])
}

#[cfg(test)]
mod tests {
    #[test]
    fn packages_are_told_by_their_folder() {
        use super::package_of;
        assert_eq!(package_of("node_modules/a/lib/b.js"), Some("node_modules/a"));
        assert_eq!(package_of("node_modules/@s/a/b.js"), Some("node_modules/@s/a"));
        assert_eq!(package_of("node_modules/a/node_modules/c/i.js"), Some("node_modules/a/node_modules/c"));
        assert_eq!(package_of("src/cli/main.ts"), None);
    }
}
