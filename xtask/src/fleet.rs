//! Stores that several processes share, against their real engines.

use anyhow::Result;

use crate::{consumer, package, run, test, tools};

/// Runs tests/fleet against the packed package. Each test starts the servers that it needs.
pub fn test() -> Result<()> {
    package::build()?;
    tools::node()?;
    tools::postgres()?;
    tools::redis()?;
    let folder = consumer::of_fleet()?;
    let mut tsc = tools::npm_bin("tsc");
    run::quiet("tsc: clients of Redis", tsc.arg("--project").arg(folder.join("fleet/tsconfig.json")))?;
    run::loud("tests with real engines", &mut test::node_tests_in(&folder, "fleet", |_| true)?)
}
