//! Sizes and speeds, for people to read.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::{consumer, package, page, run, stamp, test};

/// Runs each numbered script of tests/bench, in the order of the numbers, against the packed package and the built page.
pub fn run() -> Result<()> {
    page::build()?;
    let folder = consumer::of_tests()?;
    for script in stamp::files(&folder.join("bench"))? {
        let script = script.strip_prefix(&folder)?;
        // The other scripts are shared code.
        let name = script.file_name().context("a file has a name")?;
        if !name.as_encoded_bytes().first().is_some_and(u8::is_ascii_digit) {
            continue;
        }
        run::loud(&script.display().to_string(), &mut self::script(&folder, script)?)?;
    }
    // As it is built into the package.
    let mut policy = test::wasm_tests("wasm-policy", "speed")?;
    policy.args(["--release", "--", "--nocapture"]);
    run::loud("policy inside wasm", &mut policy)
}

/// A script of tests/bench in the project `folder`. The size of the tarball is measured where it lies.
pub fn script(folder: &Path, script: &Path) -> Result<Command> {
    let mut node = run::command("node");
    node.current_dir(folder).arg("--expose-gc").arg(script);
    node.env("TARBALL", package::tarball(&package::version()?));
    Ok(node)
}

/// A million calls through the packed package.
pub fn soak() -> Result<()> {
    package::build()?;
    let mut node = run::command("node");
    node.current_dir(consumer::of_tests()?).args(["--expose-gc", "bench/soak.mjs"]);
    run::loud("soak", &mut node)
}
