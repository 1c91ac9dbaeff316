//! What processes share, with its real engines.

use std::path::PathBuf;

use anyhow::Result;

use crate::{consumer, package, run, test, tools};

/// Runs tests/fleet against the packed package. Each test starts the servers that it needs.
pub fn test() -> Result<()> {
    let folder = project()?;
    let mut tsc = tools::npm_bin("tsc");
    run::quiet("tsc: clients of Redis", tsc.arg("--project").arg(folder.join("fleet/tsconfig.json")))?;
    run::loud("tests with real engines", &mut test::node_tests_in(&folder, "fleet", |_| true)?)
}

/// Prints what a fleet costs and saves.
pub fn bench() -> Result<()> {
    let folder = project()?;
    let mut node = run::command("node");
    run::loud("a fleet", node.current_dir(&folder).args(["--expose-gc", "fleet/bench.mjs"]))
}

/// 20,000 reads by eight processes with one Redis.
pub fn soak() -> Result<()> {
    let folder = project()?;
    let mut node = run::command("node");
    run::loud("a fleet, for long", node.current_dir(&folder).args(["--expose-gc", "fleet/soak.mjs"]))
}

/// The project of these tests. Installs the servers where that is possible; tests without theirs are left out.
fn project() -> Result<PathBuf> {
    package::build()?;
    tools::node()?;
    tools::postgres()?;
    tools::redis()?;
    consumer::of_fleet()
}
