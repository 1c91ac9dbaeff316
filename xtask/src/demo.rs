//! A demonstration of the main job: a service that uses the packed package against a local Xero.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};

use anyhow::{Context as _, Result, bail};

use crate::{consumer, package, root, run, tools};

const FOLDER: &str = "target/demo";

/// The scopes of the demo's connection. Payroll is missing on purpose.
const SCOPES: &str = "accounting.contacts.read accounting.invoices accounting.settings.read";

/// The package.json that a user would have written.
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
    node.current_dir(&folder).arg("service.mjs").envs(&xero.environment);
    run::loud("service", &mut node)
}

/// `npx xero-m2m simulate`, which ends with the demo.
struct LocalXero {
    process: Child,
    /// The environment variables that it prints for a service.
    environment: BTreeMap<String, String>,
}

impl LocalXero {
    /// The names of the lines `export NAME=value` that it prints on start.
    const NAMES: [&str; 4] = ["XERO_CLIENT_ID", "XERO_CLIENT_SECRET", "XERO_IDENTITY_URL", "XERO_API_URL"];

    fn start(folder: &Path) -> Result<Self> {
        let mut command = run::command(tools::bin(folder, "xero-m2m"));
        command
            .current_dir(folder)
            .args(["simulate", "--port", "0", "--scopes", SCOPES])
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        let process = command.spawn().context("cannot start the local Xero")?;
        let mut xero = Self { process, environment: BTreeMap::new() };
        run::step("start the local Xero", || xero.read_environment())?;
        Ok(xero)
    }

    fn read_environment(&mut self) -> Result<()> {
        let stdout = self.process.stdout.take().context("its output is piped")?;
        let mut lines = BufReader::new(stdout).lines();
        while self.environment.len() < Self::NAMES.len() {
            let Some(line) = lines.next().transpose()? else {
                bail!("the local Xero ended before it printed {}: {}", Self::NAMES.join(", "), self.process.wait()?);
            };
            let variable = line.strip_prefix("export ").and_then(|line| line.split_once('='));
            if let Some((name, value)) = variable.filter(|(name, _)| Self::NAMES.contains(name)) {
                self.environment.insert(name.to_owned(), value.to_owned());
            }
        }
        // Later output must not fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        Ok(())
    }
}

impl Drop for LocalXero {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
