//! From a commit to a published package, or to a rehearsal of it.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};

use crate::addresses::Addresses;
use crate::{package, root, run, sbom, stamp, test, tools};

/// Checks the conditions of a release, builds it twice and compares, and publishes it unless it is a rehearsal.
pub fn release(rehearsal: bool) -> Result<()> {
    let version = package::version()?;
    println!("  version {version}, in Cargo.toml and pkg/package.json");
    let mut open = Vec::new();
    let mut need = |what: &str, result: Result<()>| match result {
        Ok(()) => println!("  {what}: yes"),
        Err(error) => {
            println!("  {what}: no, {error}");
            open.push(what.to_owned());
        }
    };
    need("an entry in CHANGELOG.md, with its day", changelog(&version));
    need("nothing that is not committed", committed());
    need("the examples use this version", examples(&version));
    need("the action uses this version", action(&version));
    need(
        "addresses of repository, homepage, bugs and docs",
        Addresses::read(root()).and_then(|known| known.are_known()),
    );
    package::build()?;
    let tarball = package::tarball(&version);
    let first = fs::read(&tarball)?;
    rebuild(&tarball)?;
    let same = fs::read(&tarball)? == first;
    need("built twice, the same to the byte", if same { Ok(()) } else { Err(anyhow::anyhow!("the tarballs differ")) });
    sbom::write()?;
    test::run(&[test::Part::Package], false)?;
    let publish = ["publish", "--provenance", "--access", "public"];
    if rehearsal {
        let what = tarball.strip_prefix(root())?.display();
        println!("\n  to publish, where provenance can be signed: npm {} {what}", publish.join(" "));
        ensure!(same, "the build is not reproducible");
        if !open.is_empty() {
            println!("  before that: {}", open.join("; "));
        }
        return Ok(());
    }
    ensure!(open.is_empty(), "not ready: {}", open.join("; "));
    run::loud("npm publish", tools::npm(root(), &publish).arg(&tarball))
}

/// `## 1.2.3 (2026-11-27)`.
fn changelog(version: &str) -> Result<()> {
    let text = fs::read_to_string(root().join("CHANGELOG.md"))?;
    let heading = text.lines().find_map(|line| line.strip_prefix(&format!("## {version} (")));
    let day = heading.and_then(|rest| rest.strip_suffix(')')).context("there is none")?;
    let digits = day.bytes().filter(u8::is_ascii_digit).count();
    ensure!(digits == 8 && day.len() == 10, "it says {day}");
    Ok(())
}

/// Checks that every example depends on `^VERSION`.
fn examples(version: &str) -> Result<()> {
    let wanted = format!("^{version}\"");
    let mut manifests = stamp::files(&root().join("examples"))?;
    manifests.retain(|file| file.file_name().is_some_and(|name| name == "package.json" || name == "deno.json"));
    for file in manifests {
        let text = fs::read_to_string(&file)?;
        let uses = text.lines().filter(|line| line.contains("\"xero-m2m\":")).all(|line| line.contains(&wanted));
        ensure!(uses, "{} does not", file.strip_prefix(root())?.display());
    }
    Ok(())
}

/// Checks that the action runs this version, unless it is given another.
fn action(version: &str) -> Result<()> {
    const FILE: &str = "pkg/action/action.yml";
    let text = fs::read_to_string(root().join(FILE)).with_context(|| format!("cannot read {FILE}"))?;
    ensure!(text.contains(&format!("    default: \"{version}\"\n")), "{FILE} does not");
    Ok(())
}

fn committed() -> Result<()> {
    let output = run::command("git").args(["status", "--porcelain"]).output().context("no git")?;
    let changes = String::from_utf8_lossy(&output.stdout).lines().count();
    if changes > 0 {
        bail!("{changes} files");
    }
    Ok(())
}

/// Builds the package again from the sources alone, in another process.
fn rebuild(tarball: &Path) -> Result<()> {
    for folder in ["target/wasm", "target/stamps", "pkg/dist", "pkg/src/glue"] {
        let folder = root().join(folder);
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
    }
    fs::remove_file(tarball)?;
    run::quiet("build it once more", run::command(std::env::current_exe()?).arg("build")).map(drop)
}
