//! The package in every runtime that can keep a client secret.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::{consumer, package, run, test, tools};

/// Runs tests/runtimes against the packed package.
pub fn test() -> Result<()> {
    let mut node = node()?;
    node.args(["--test", "--test-reporter=spec", &test::files_at_once()]).arg("*.test.mjs");
    run::loud("tests in every runtime", &mut node)
}

/// Prints the time that each runtime takes to the first token.
pub fn bench() -> Result<()> {
    run::loud("every runtime", node()?.arg("bench.mjs"))
}

/// Node.js in the folder that has the package and the runtimes.
fn node() -> Result<Command> {
    package::build()?;
    tools::node()?;
    let folder = consumer::of_runtimes()?;
    // miniflare needs a newer Node.js than the package does. It is installed from npm, as the runtimes are.
    let newer = folder.join("node_modules/node-24/bin/node");
    let mut node = run::command(if newer.exists() { newer } else { PathBuf::from("node") });
    node.current_dir(&folder);
    Ok(node)
}
