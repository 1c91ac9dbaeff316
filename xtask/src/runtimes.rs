//! The package in every runtime that people keep a client secret in.

use std::path::PathBuf;

use anyhow::Result;

use crate::{consumer, package, run, tools};

/// Runs tests/runtimes against the packed package.
pub fn test() -> Result<()> {
    package::build()?;
    tools::node()?;
    let folder = consumer::of_runtimes()?;
    // miniflare wants a newer Node.js than users need; the runtimes come from npm, and so does that one.
    let newer = folder.join("node_modules/node-24/bin/node");
    let program = if newer.exists() { newer } else { PathBuf::from("node") };
    let mut node = run::command(program);
    node.current_dir(&folder).args(["--test", "--test-reporter=spec"]).arg("*.test.mjs");
    run::loud("tests in every runtime", &mut node)
}
