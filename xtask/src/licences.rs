//! The licences of other people's code in the package.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::{run, wasm};

/// Writes the licences of the packages whose files esbuild has put into scripts, by its metafiles.
pub fn of_packages(pkg: &Path, metafiles: &[PathBuf], to: &Path) -> Result<()> {
    let mut text = String::from(
        "dist/cli.js contains these packages, and dist/policy.js and dist/simulator.js contain fflate, each under its own licence.\n",
    );
    let mut given = Terms::default();
    for folder in folders_of(metafiles)? {
        let folder = pkg.join(folder);
        let [name, version, licence] = manifest_of(&folder)?;
        text.push_str(&given.section([&name, &version, &licence], &folder, None)?);
    }
    fs::write(to, text).with_context(|| format!("cannot write {}", to.display()))
}

/// The folders of the packages of which esbuild has bundled files.
fn folders_of(metafiles: &[PathBuf]) -> Result<BTreeSet<String>> {
    let mut folders = BTreeSet::new();
    for metafile in metafiles {
        let meta: Value = serde_json::from_str(&read(metafile)?)?;
        let inputs = meta["inputs"].as_object().context("the metafile has inputs")?;
        let found: Vec<_> = inputs.keys().filter_map(|file| package_of(file)).map(str::to_owned).collect();
        ensure!(!found.is_empty(), "{} lists no package", metafile.display());
        folders.extend(found);
    }
    Ok(folders)
}

/// The name, version and licence of the package in a folder.
fn manifest_of(folder: &Path) -> Result<[String; 3]> {
    let manifest: Value = serde_json::from_str(&read(&folder.join("package.json"))?)?;
    let word = |member: &str| {
        let text = manifest[member].as_str().with_context(|| format!("{} has no {member}", folder.display()));
        text.map(str::to_owned)
    };
    Ok([word("name")?, word("version")?, word("license")?])
}

fn read(file: &Path) -> Result<String> {
    fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))
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
    let mut given = Terms::default();
    let mut sections = 0;
    for package in packages {
        let word = |member: &str| package[member].as_str().with_context(|| format!("a crate has no {member}"));
        let (name, version) = (word("name")?, word("version")?);
        // A package without a registry is the project's own.
        if package["source"].is_null() || !is_used(name, version) {
            continue;
        }
        let folder = Path::new(word("manifest_path")?).parent().context("a manifest is in a folder")?;
        // Some crates do not include the text of a well-known licence.
        let authors: Vec<_> = package["authors"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let instead = format!("By {}; {}", authors.join(", "), word("repository")?);
        text.push_str(&given.section([name, version, word("license")?], folder, Some(&instead))?);
        sections += 1;
    }
    ensure!(sections > 5, "cargo lists {sections} crates in the wasm modules");
    fs::write(to, text).with_context(|| format!("cannot write {}", to.display()))
}

/// The terms that a file has already, each with the package or crate that it is written out for.
#[derive(Default)]
struct Terms(Vec<(Vec<String>, String)>);

impl Terms {
    /// One package or crate: its name, version and licence, and the text of it, MIT's where there are several; `instead`,
    /// where it has none.
    fn section(&mut self, [name, version, licence]: [&str; 3], folder: &Path, instead: Option<&str>) -> Result<String> {
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
        Ok(format!("\n{heading}\n{}\n\n{}\n", "=".repeat(heading.len()), self.once(text.trim(), name)))
    }

    /// The licence of `name`, with its copyright notice. Terms that are, word for word, those of one before are not written
    /// out a second time: the text names that one.
    fn once(&mut self, text: &str, name: &str) -> String {
        let Some(at) = text.find(PERMISSION) else { return text.to_owned() };
        let (notice, terms) = text.split_at(at);
        let words: Vec<_> = terms.split_whitespace().map(str::to_owned).collect();
        match self.0.iter().find(|(own, _)| *own == words) {
            Some((_, first)) => format!("{notice}{PERMISSION}, word for word as for {first} above."),
            None => {
                self.0.push((words, name.to_owned()));
                text.to_owned()
            }
        }
    }
}

/// The words with which the terms of the MIT licence begin.
const PERMISSION: &str = "Permission is hereby granted";

/// The names and versions in the headings of a file of licences.
pub fn headings(text: &str) -> Vec<(&str, &str)> {
    let lines: Vec<_> = text.lines().collect();
    let is_heading = |pair: &&[&str]| pair[1].starts_with("===") && pair[0].len() == pair[1].len();
    let names = lines.windows(2).filter(is_heading).map(|pair| pair[0]);
    names.filter_map(|heading| heading.split_once(" (")?.0.split_once(' ')).collect()
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
    fn the_same_terms_are_written_out_once_and_every_notice_is_kept() {
        let mut given = super::Terms::default();
        let first = "Copyright A\n\nPermission is hereby granted, free\nof charge";
        assert_eq!(given.once(first, "a"), first);
        let same = given.once("Copyright C\n\nPermission is hereby granted, free of\n charge", "c");
        assert_eq!(same, "Copyright C\n\nPermission is hereby granted, word for word as for a above.");
        let other = "Copyright D\n\nPermission is hereby granted, at a price";
        assert_eq!(given.once(other, "d"), other);
    }

    #[test]
    fn packages_are_told_by_their_folder() {
        use super::package_of;
        assert_eq!(package_of("node_modules/a/lib/b.js"), Some("node_modules/a"));
        assert_eq!(package_of("node_modules/@s/a/b.js"), Some("node_modules/@s/a"));
        assert_eq!(package_of("node_modules/a/node_modules/c/i.js"), Some("node_modules/a/node_modules/c"));
        assert_eq!(package_of("src/cli/main.ts"), None);
    }
}
