//! A project that uses the packed package as its users do, so that tests run against the published files.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::{package, root, run, stamp, tools};

/// The project of the JavaScript tests: a copy of tests/, its packages, and the tarball installed. Returns its folder.
pub fn of_tests() -> Result<PathBuf> {
    const FOLDER: &str = "target/consumer";
    let folder = root().join(FOLDER);
    fs::create_dir_all(&folder)?;
    for name in ["package.json", "package-lock.json", ".npmrc", "lengths.json"] {
        copy(&root().join("tests").join(name), &folder.join(name))?;
    }
    tools::npm_ci(FOLDER)?;
    install(FOLDER)?;
    for name in ["js", "page", "types", "bench", "vectors"] {
        mirror(&root().join("tests").join(name), &folder.join(name))?;
    }
    for name in ["examples", "docs", "pkg/action"] {
        let to = name.rsplit('/').next().unwrap_or(name);
        mirror(&root().join(name), &folder.join(to))?;
    }
    Ok(folder)
}

/// The project that has the runtimes: a copy of tests/runtimes, its packages, and the tarball installed. Returns its folder.
pub fn of_runtimes() -> Result<PathBuf> {
    const FOLDER: &str = "target/runtimes";
    let folder = root().join(FOLDER);
    fs::create_dir_all(&folder)?;
    let files = stamp::files(&root().join("tests/runtimes"))?;
    for file in &files {
        copy(file, &folder.join(file.strip_prefix(root().join("tests/runtimes"))?))?;
    }
    tools::npm_ci(FOLDER)?;
    install(FOLDER)?;
    mirror(&root().join("examples"), &folder.join("examples"))?;
    Ok(folder)
}

/// The project of the tests with engines that several processes share: a copy of tests/fleet and tests/js, the packages of the
/// former, and the tarball installed. Returns its folder.
pub fn of_fleet() -> Result<PathBuf> {
    const FOLDER: &str = "target/fleet";
    let folder = root().join(FOLDER);
    for name in ["package.json", "package-lock.json", ".npmrc"] {
        copy(&root().join("tests/fleet").join(name), &folder.join(name))?;
    }
    tools::npm_ci(FOLDER)?;
    install(FOLDER)?;
    for name in ["fleet", "js", "bench"] {
        mirror(&root().join("tests").join(name), &folder.join(name))?;
    }
    mirror(&root().join("examples"), &folder.join("examples"))?;
    Ok(folder)
}

/// The project that has programs of other people: a copy of tests/others, its packages, and the tarball installed. Returns its
/// folder.
pub fn of_others() -> Result<PathBuf> {
    const FOLDER: &str = "target/others";
    let folder = root().join(FOLDER);
    let from = root().join("tests/others");
    for file in stamp::files(&from)? {
        copy(&file, &folder.join(file.strip_prefix(&from)?))?;
    }
    tools::npm_ci(FOLDER)?;
    install(FOLDER)?;
    Ok(folder)
}

/// Installs the tarball into `folder`, without the network: the package has no dependencies.
pub fn install(folder: &str) -> Result<()> {
    let tarball = package::tarball(&package::version()?);
    let what = format!("npm install in {folder}");
    let folder = root().join(folder);
    let installed = folder.join("node_modules/xero-m2m/package.json");
    let inputs = [tarball.clone(), folder.join("package.json")];
    stamp::once(&what, "install", &inputs, &[installed], || {
        let arguments = ["install", "--no-save", "--offline", "--ignore-scripts", "--no-audit", "--no-fund"];
        run::quiet(&what, tools::npm(&folder, &arguments).arg(&tarball)).map(drop)
    })
}

/// Makes `to` a copy of `from`, which may be absent.
fn mirror(from: &Path, to: &Path) -> Result<()> {
    if to.exists() {
        fs::remove_dir_all(to)?;
    }
    if !from.exists() {
        return Ok(());
    }
    for file in stamp::files(from)? {
        copy(&file, &to.join(file.strip_prefix(from)?))?;
    }
    Ok(())
}

/// Copies a file, and creates its folder if necessary.
pub fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to.parent().context("a file is in a folder")?)?;
    fs::copy(from, to).with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))?;
    Ok(())
}
