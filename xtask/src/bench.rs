//! Sizes and speeds, for people to read.

use anyhow::Result;

use crate::{consumer, package, run, stamp};

/// Runs each script of tests/bench, in the order of their names, against the packed package.
pub fn run() -> Result<()> {
    run::title("bench");
    package::build()?;
    let folder = consumer::of_tests()?;
    for script in stamp::files(&folder.join("bench"))? {
        let script = script.strip_prefix(&folder)?;
        let mut node = run::command("node");
        run::loud(&script.display().to_string(), node.current_dir(&folder).arg("--expose-gc").arg(script))?;
    }
    Ok(())
}
