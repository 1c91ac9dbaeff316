//! The software bill of materials of the package, in the format CycloneDX: the crates inside the wasm modules, by
//! cargo-cyclonedx, and the packages bundled into the program, by npm. It lies beside the tarball.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use crate::{licences, package, root, run, tools, wasm};

/// The version of the format that both tools write.
const SPEC: &str = "1.5";

/// The path of the bill of materials of this version.
pub fn file(version: &str) -> PathBuf {
    package::tarball(version).with_extension("cdx.json")
}

/// Writes the bill of materials of the built package.
pub fn write(version: &str) -> Result<()> {
    let bundled = licences::bundled(&root().join("pkg"), &package::metafiles())?;
    let (crates, packages) = (of_wasm()?, of_npm()?);
    let bill = joined(version, &crates, &packages, &bundled)?;
    let file = file(version);
    fs::write(&file, serde_json::to_string_pretty(&bill)? + "\n")
        .with_context(|| format!("cannot write {}", file.display()))
}

/// Runs cargo-cyclonedx over the features of the wasm modules. It writes its file beside Cargo.toml.
fn of_wasm() -> Result<Value> {
    let program = tools::cargo_tool("cargo-cyclonedx", "0.5.9")?;
    let features = wasm::MODULES.map(|module| module.feature).join(",");
    let mut cyclonedx = run::command(program);
    cyclonedx.args(["cyclonedx", "--format", "json", "--spec-version", SPEC, "--no-build-deps"]);
    cyclonedx.args(["--target", "wasm32-unknown-unknown", "--features", &features]);
    cyclonedx.args(["--override-filename", "target-sbom-of-wasm"]);
    run::quiet("cargo cyclonedx", &mut cyclonedx)?;
    let written = root().join("target-sbom-of-wasm.json");
    let bill = read(&written)?;
    fs::remove_file(&written)?;
    Ok(bill)
}

/// Runs npm over the lock file of the package.
fn of_npm() -> Result<Value> {
    let mut npm = tools::npm(&root().join("pkg"), &["sbom", "--sbom-format", "cyclonedx", "--package-lock-only"]);
    let output = npm.output().context("npm sbom")?;
    ensure!(output.status.success(), "npm sbom: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).context("npm sbom writes JSON")
}

fn read(file: &Path) -> Result<Value> {
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    serde_json::from_str(&text).with_context(|| file.display().to_string())
}

/// Joins both bills: all crates, and the packages of `bundled`, each as its name and version. Without serial number and
/// time, so that the same sources give the same file.
fn joined(version: &str, crates: &Value, packages: &Value, bundled: &BTreeSet<(String, String)>) -> Result<Value> {
    for bill in [crates, packages] {
        ensure!(bill["specVersion"] == SPEC, "a bill of materials has the version {}, not {SPEC}", bill["specVersion"]);
    }
    let list = |bill: &Value, name: &str| bill[name].as_array().cloned().with_context(|| format!("no {name}"));
    let is_bundled = |component: &Value| {
        let text = |name: &str| component[name].as_str().unwrap_or_default().to_owned();
        let group = component["group"].as_str().map(|group| format!("{group}/")).unwrap_or_default();
        bundled.contains(&(group + &text("name"), text("version")))
    };
    let mut npm = list(packages, "components")?;
    npm.retain(is_bundled);
    ensure!(npm.len() == bundled.len(), "npm lists {} of {} bundled packages", npm.len(), bundled.len());
    for component in &mut npm {
        // npm notes that they are not installed with the package; they are inside it.
        component.as_object_mut().context("a component is an object")?.remove("properties");
    }
    let reference = |component: &Value| component["bom-ref"].clone();
    let kept: Vec<Value> = npm.iter().map(reference).collect();
    let root_of_crates = &crates["metadata"]["component"]["bom-ref"];
    let own = format!("pkg:npm/xero-m2m@{version}");
    let mut inside = kept.clone();
    let mut edges = Vec::new();
    for mut edge in list(crates, "dependencies")? {
        if edge["ref"] == *root_of_crates {
            inside.extend(edge["dependsOn"].as_array().cloned().unwrap_or_default());
        } else {
            edges.push(edge.take());
        }
    }
    for mut edge in list(packages, "dependencies")?.into_iter().filter(|edge| kept.contains(&edge["ref"])) {
        if let Some(to) = edge["dependsOn"].as_array_mut() {
            to.retain(|to| kept.contains(to));
        }
        edges.push(edge);
    }
    edges.insert(0, json!({ "ref": own, "dependsOn": inside }));
    let mut components = list(crates, "components")?;
    components.extend(npm);
    Ok(json!({
        "$schema": format!("http://cyclonedx.org/schema/bom-{SPEC}.schema.json"),
        "bomFormat": "CycloneDX",
        "specVersion": SPEC,
        "version": 1,
        "metadata": {
            "component": {
                "type": "library", "bom-ref": own, "name": "xero-m2m", "version": version, "purl": own,
                "licenses": [{ "expression": "MIT OR Apache-2.0" }],
            },
        },
        "components": components,
        "dependencies": edges,
    }))
}

/// Writes the bill of materials, and checks that it has every crate and package whose licence the package has.
pub fn check() -> Result<()> {
    package::build()?;
    let version = package::version()?;
    write(&version)?;
    let bill = read(&file(&version))?;
    let components = bill["components"].as_array().context("it has components")?;
    let has = |(name, version): &(&str, &str)| {
        let is = |component: &Value| {
            let group = component["group"].as_str().map(|group| format!("{group}/")).unwrap_or_default();
            component["version"] == *version && group + component["name"].as_str().unwrap_or_default() == *name
        };
        components.iter().any(is)
    };
    for licences in ["cli.LICENSES.txt", "wasm.LICENSES.txt"] {
        let text = fs::read_to_string(root().join("pkg/dist").join(licences))?;
        let named = licences::headings(&text);
        ensure!(!named.is_empty(), "{licences} names nothing");
        let missing: Vec<_> = named.into_iter().filter(|named| !has(named)).collect();
        ensure!(missing.is_empty(), "the bill of materials lacks {missing:?} of {licences}");
    }
    println!("  {} components in {}", components.len(), file(&version).strip_prefix(root())?.display());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bill(own: &str, components: &[&str], edges: &[(&str, &[&str])]) -> Value {
        let component = |name: &&str| json!({ "bom-ref": name, "name": name, "version": "1.0.0", "properties": [] });
        let edge = |(from, to): &(&str, &[&str])| json!({ "ref": from, "dependsOn": to });
        json!({
            "specVersion": SPEC,
            "metadata": { "component": { "bom-ref": own } },
            "components": components.iter().map(component).collect::<Vec<_>>(),
            "dependencies": edges.iter().map(edge).collect::<Vec<_>>(),
        })
    }

    #[test]
    fn a_bill_has_all_crates_and_of_the_packages_only_the_bundled() {
        let crates = bill("own", &["serde", "zeroize"], &[("own", &["serde", "zeroize"]), ("serde", &[])]);
        let packages = bill("pkg", &["commander", "esbuild"], &[("pkg", &["commander"]), ("commander", &["esbuild"])]);
        let bundled = BTreeSet::from([("commander".to_owned(), "1.0.0".to_owned())]);
        let joined = joined("0.2.0", &crates, &packages, &bundled).unwrap();
        let names: Vec<_> = joined["components"].as_array().unwrap().iter().map(|one| one["name"].clone()).collect();
        assert_eq!(names, ["serde", "zeroize", "commander"]);
        let own = "pkg:npm/xero-m2m@0.2.0";
        let edges = json!([
            { "ref": own, "dependsOn": ["commander", "serde", "zeroize"] },
            { "ref": "serde", "dependsOn": [] },
            { "ref": "commander", "dependsOn": [] },
        ]);
        assert_eq!(joined["dependencies"], edges);
        let unknown = BTreeSet::from([("picocolors".to_owned(), "1.0.0".to_owned())]);
        assert!(super::joined("0.2.0", &crates, &packages, &unknown).is_err());
    }
}
