//! The dependencies: their origin, licences and known weaknesses.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::{root, run, tools};

/// The manifests, and the checks for each. The build script and the fuzz targets are not published, so two versions of a
/// crate do no harm there.
const CRATES: [(&str, &[&str]); 3] = [
    ("Cargo.toml", &["bans", "licenses", "sources"]),
    ("xtask/Cargo.toml", &["licenses", "sources"]),
    ("tests/fuzz/Cargo.toml", &["licenses", "sources"]),
];

const PACKAGES: [&str; 7] = ["pkg", "pkg/types", "tests", "tests/fleet", "tests/others", "www", "site"];

/// Checks licences, sources and lock files, without the network.
pub fn check() -> Result<()> {
    let deny = deny()?;
    for (manifest, checks) in CRATES {
        let mut command = run::command(&deny);
        command.args(["--manifest-path", manifest, "--config", "deny.toml", "--locked", "check"]).args(checks);
        run::quiet(&format!("{} of {manifest}", checks.join(", ")), &mut command)?;
    }
    for folder in PACKAGES {
        let file = root().join(folder).join("package-lock.json");
        run::step(&format!("lock file of {folder}"), || check_lock(&file))?;
    }
    Ok(())
}

/// Looks up advisories and signatures in the advisory database and the registries. Needs the network.
pub fn audit() -> Result<()> {
    let deny = deny()?;
    let mut failed = Vec::new();
    let mut ask = |what: String, command: &mut Command| {
        if run::quiet(&what, command).is_err() {
            failed.push(what);
        }
    };
    for (manifest, _) in CRATES {
        let mut command = run::command(&deny);
        command.args(["--manifest-path", manifest, "--config", "deny.toml", "check", "advisories"]);
        ask(format!("advisories on {manifest}"), &mut command);
    }
    for folder in PACKAGES {
        tools::npm_ci(folder)?;
        let folder_path = root().join(folder);
        ask(format!("advisories on {folder}"), &mut tools::npm(&folder_path, &["audit"]));
        ask(format!("signatures of {folder}"), &mut tools::npm(&folder_path, &["audit", "signatures"]));
    }
    ensure!(failed.is_empty(), "these found a weakness or could not be run: {}", failed.join(", "));
    Ok(())
}

fn deny() -> Result<PathBuf> {
    tools::cargo_tool("cargo-deny", "0.20.2")
}

/// Checks that every package has a checksum and a licence, and no address: each user installs from the registry of
/// their own configuration.
fn check_lock(file: &Path) -> Result<()> {
    let lock: Value = serde_json::from_str(&fs::read_to_string(file)?).context("a lock file is JSON")?;
    let packages = lock["packages"].as_object().context("a lock file has packages")?;
    let mut licences = BTreeSet::new();
    for (name, package) in packages.iter().filter(|(name, _)| !name.is_empty()) {
        ensure!(package.get("resolved").is_none(), "{name} has an address in it: see .npmrc");
        ensure!(package["integrity"].is_string(), "{name} has no checksum");
        licences.insert(package["license"].as_str().with_context(|| format!("{name} has no licence"))?);
    }
    ensure!(!licences.is_empty(), "{} has no packages", file.display());
    Ok(())
}
