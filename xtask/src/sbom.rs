//! The software bill of materials of the package, in the format CycloneDX: the crates inside the wasm modules, by
//! cargo-cyclonedx, and the packages bundled into scripts, by npm. It lies beside the tarball.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use crate::{licences, package, root, run, tools, wasm};

/// The version of the format, which both tools write.
const SPEC: &str = "1.5";

/// Writes the bill of materials of the built package.
pub fn write() -> Result<()> {
    package::build()?;
    let version = package::version()?;
    let licences = |name: &str| text_of(&root().join("pkg/dist").join(name));
    let (scripts, modules) = (licences("cli.LICENSES.txt")?, licences("wasm.LICENSES.txt")?);
    let sources = [(of_wasm()?, licences::headings(&modules)), (of_npm()?, licences::headings(&scripts))];
    let bill = joined(&version, &standard_library()?, &sources)?;
    let file = package::tarball(&version).with_extension("cdx.json");
    let text = serde_json::to_string_pretty(&bill)? + "\n";
    fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))?;
    let count = bill["components"].as_array().map_or(0, Vec::len);
    println!("  {count} components in {}", file.strip_prefix(root())?.display());
    Ok(())
}

/// Runs cargo-cyclonedx over the features of the wasm modules. It writes its file beside Cargo.toml.
fn of_wasm() -> Result<Value> {
    const NAME: &str = "sbom-of-wasm";
    let features = wasm::MODULES.map(|module| module.feature).join(",");
    let mut cyclonedx = run::command(tools::cargo_tool("cargo-cyclonedx", "0.5.9")?);
    cyclonedx.args(["cyclonedx", "--format", "json", "--spec-version", SPEC, "--override-filename", NAME]);
    cyclonedx.args(["--target", "wasm32-unknown-unknown", "--features", &features, "--no-build-deps"]);
    run::quiet("cargo cyclonedx", &mut cyclonedx)?;
    let file: PathBuf = root().join(format!("{NAME}.json"));
    let text = text_of(&file)?;
    fs::remove_file(&file)?;
    serde_json::from_str(&text).context("cargo cyclonedx writes JSON")
}

/// Runs npm over the lock file of the package.
fn of_npm() -> Result<Value> {
    let mut npm = tools::npm(&root().join("pkg"), &["sbom", "--sbom-format", "cyclonedx", "--package-lock-only"]);
    let output = npm.output().context("npm sbom")?;
    ensure!(output.status.success(), "npm sbom: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).context("npm sbom writes JSON")
}

/// Rust's standard library, which is compiled into each module and which no tool lists.
fn standard_library() -> Result<Value> {
    let output = run::command("rustc").arg("--version").output().context("no `rustc`")?.stdout;
    let output = String::from_utf8_lossy(&output).into_owned();
    let version = output.split(' ').nth(1).context("`rustc --version` names no version")?;
    let reference = format!("pkg:generic/rust-std@{version}");
    Ok(json!({
        "type": "library", "bom-ref": reference, "name": "rust-std", "version": version, "purl": reference,
        "licenses": [{ "expression": "MIT OR Apache-2.0" }],
    }))
}

fn text_of(file: &Path) -> Result<String> {
    fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))
}

/// Joins bills of materials: of each, the components with these names and versions, all of which it must have. The result
/// has no serial number and no time, so that the same sources give the same file.
fn joined(version: &str, std: &Value, sources: &[(Value, Vec<(&str, &str)>)]) -> Result<Value> {
    let own = format!("pkg:npm/xero-m2m@{version}");
    let mut components = vec![std.clone()];
    let mut inside = vec![std["bom-ref"].clone()];
    let mut edges = vec![];
    for (bill, named) in sources {
        ensure!(bill["specVersion"] == SPEC, "a bill has the version {} of CycloneDX, not {SPEC}", bill["specVersion"]);
        let list = |name: &str| bill[name].as_array().cloned().with_context(|| format!("a bill has no {name}"));
        let mut kept = list("components")?;
        kept.retain(|component| named.iter().any(|named| is(component, named)));
        let missing = named.iter().filter(|named| !kept.iter().any(|component| is(component, named)));
        let missing: Vec<_> = missing.collect();
        ensure!(missing.is_empty(), "a bill lacks {missing:?}");
        let references: Vec<_> = kept.iter().map(|component| component["bom-ref"].clone()).collect();
        for edge in list("dependencies")? {
            let mut to = edge["dependsOn"].as_array().cloned().unwrap_or_default();
            to.retain(|to| references.contains(to));
            if edge["ref"] == bill["metadata"]["component"]["bom-ref"] {
                inside.extend(to);
            } else if references.contains(&edge["ref"]) {
                edges.push(json!({ "ref": edge["ref"], "dependsOn": to }));
            }
        }
        for component in &mut kept {
            // npm's note that a package is for development is not true of its copy in a script.
            component.as_object_mut().context("a component is an object")?.remove("properties");
        }
        components.extend(kept);
    }
    edges.insert(0, json!({ "ref": own, "dependsOn": inside }));
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

/// True if the component has this name, with its scope, and this version.
fn is(component: &Value, (name, version): &(&str, &str)) -> bool {
    let group = component["group"].as_str().map(|group| format!("{group}/")).unwrap_or_default();
    component["version"] == *version && group + component["name"].as_str().unwrap_or_default() == *name
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
    fn a_bill_has_what_is_inside_and_no_more() {
        let std = json!({ "bom-ref": "std", "name": "std" });
        let crates = bill("own", &["serde", "syn"], &[("own", &["serde", "syn"]), ("serde", &["syn"])]);
        let packages = bill("pkg", &["commander", "esbuild"], &[("pkg", &["commander", "esbuild"])]);
        let sources = [(crates, vec![("serde", "1.0.0")]), (packages, vec![("commander", "1.0.0")])];
        let joined = joined("0.2.0", &std, &sources).unwrap();
        let names: Vec<_> = joined["components"].as_array().unwrap().iter().map(|one| one["name"].clone()).collect();
        assert_eq!(names, ["std", "serde", "commander"]);
        let edges = json!([
            { "ref": "pkg:npm/xero-m2m@0.2.0", "dependsOn": ["std", "serde", "commander"] },
            { "ref": "serde", "dependsOn": [] },
        ]);
        assert_eq!(joined["dependencies"], edges);
        assert!(joined["components"][1].get("properties").is_none());
    }

    #[test]
    fn a_component_that_no_tool_lists_is_an_error() {
        let sources = [(bill("own", &["serde"], &[]), vec![("serde", "2.0.0")])];
        let error = joined("0.2.0", &json!({}), &sources).unwrap_err();
        assert!(error.to_string().contains("lacks [(\"serde\", \"2.0.0\")]"), "{error}");
    }
}
