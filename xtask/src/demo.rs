//! The main job, shown: a service that uses the packed package against a local Xero.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};

use anyhow::{Context as _, Result, bail};

use crate::{consumer, package, root, run, tools};

const FOLDER: &str = "target/demo";

/// What a user would have typed into package.json.
const MANIFEST: &str = "{ \"name\": \"demo\", \"private\": true, \"type\": \"module\" }\n";

pub fn run() -> Result<()> {
    run::title("demo");
    package::build()?;
    let folder = root().join(FOLDER);
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("package.json"), MANIFEST)?;
    consumer::install(FOLDER)?;
    consumer::copy(&root().join("tests/demo/service.mjs"), &folder.join("service.mjs"))?;

    let xero = LocalXero::start(&folder)?;
    let mut node = run::command("node");
    node.current_dir(&folder).arg("service.mjs").envs(xero.environment.iter().map(|(name, value)| (name, value)));
    run::loud("service", &mut node)
}

/// `npx xero-m2m simulate`, ended with the demo.
struct LocalXero {
    process: Child,
    /// The lines `NAME=value` that it printed on start.
    environment: Vec<(String, String)>,
}

impl LocalXero {
    fn start(folder: &Path) -> Result<Self> {
        let mut command = run::command(tools::bin(folder, "xero-m2m"));
        command.current_dir(folder).args(["simulate", "--port", "0"]);
        let process =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().context("cannot start the local Xero")?;
        let mut xero = Self { process, environment: Vec::new() };
        run::step("local Xero", || xero.read_environment())?;
        Ok(xero)
    }

    /// Reads on to the end of the block of environment lines.
    fn read_environment(&mut self) -> Result<()> {
        let stdout = self.process.stdout.take().context("its output is piped")?;
        let mut lines = BufReader::new(stdout).lines();
        for line in lines.by_ref() {
            let line = line?;
            let assignment = line.trim().trim_start_matches("export ").split_once('=');
            match assignment.filter(|(name, _)| name.starts_with("XERO_")) {
                Some((name, value)) => {
                    self.environment.push((name.to_owned(), value.trim_matches(['\'', '"']).to_owned()));
                }
                None if self.environment.is_empty() => {}
                None => {
                    // Whatever it says later must not fill the pipe.
                    std::thread::spawn(move || lines.for_each(drop));
                    return Ok(());
                }
            }
        }
        bail!("the local Xero ended before it printed its environment: {}", self.process.wait()?)
    }
}

impl Drop for LocalXero {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
