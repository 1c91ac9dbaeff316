//! Programs of other people against the local Xero: Xero's SDKs, its MCP server, a tap and clients of OAuth.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::{consumer, package, run, stamp, tools};

/// The environments for Python, by their folder in target/others: the tap needs other versions than the SDK.
const ENVIRONMENTS: [(&str, &str); 2] = [("python", "requirements.txt"), ("tap", "requirements-tap.txt")];

/// Runs tests/others against the packed package, and prints its table.
pub fn test() -> Result<()> {
    package::build()?;
    tools::node()?;
    let folder = consumer::of_others()?;
    let mut node = run::command("node");
    node.current_dir(&folder).arg("run.mjs");
    match environments(&folder) {
        Ok(python) => {
            through_the_recorder(&python)?;
            node.env("OTHERS_PYTHON", python)
        }
        // The runner names each program that it leaves out.
        Err(error) => {
            println!("  SKIPPED: the programs in Python, because {error:#}");
            node.env_remove("OTHERS_PYTHON")
        }
    };
    run::loud("programs of other people", &mut node)
}

/// Xero's SDK for Python through the proxy of the recorder.
fn through_the_recorder(python: &Path) -> Result<()> {
    let mut node = run::command("node");
    node.current_dir(consumer::of_tests()?).env("XERO_PYTHON", python);
    node.args(["--test", "--test-name-pattern", "xero-python", "js/record.test.mjs"]);
    run::quiet("xero-python through the recorder", &mut node).map(drop)
}

/// Installs the programs in Python. Returns the interpreter that has most of them.
fn environments(folder: &Path) -> Result<PathBuf> {
    for (name, requirements) in ENVIRONMENTS {
        let environment = folder.join(name);
        let python = environment.join("bin/python");
        let inputs = [folder.join(requirements)];
        let outputs = std::slice::from_ref(&python);
        stamp::once(&format!("pip install in target/others/{name}"), "pip", &inputs, outputs, || {
            run::quiet("python3 -m venv", Command::new("python3").args(["-m", "venv", "--clear"]).arg(&environment))?;
            let mut pip = Command::new(&python);
            pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--requirement"]);
            run::quiet(&format!("pip install of {requirements}"), pip.arg(folder.join(requirements))).map(drop)
        })?;
    }
    Ok(folder.join("python/bin/python"))
}
