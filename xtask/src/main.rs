//! The project's only build script: `cargo xtask --help`.

mod addresses;
mod bench;
mod blocks;
mod consumer;
mod demo;
mod deps;
mod docs;
mod fleet;
mod fuzz;
mod generate;
mod length;
mod licences;
mod others;
mod package;
mod page;
mod release;
mod run;
mod runtimes;
mod sbom;
mod stamp;
mod test;
mod tools;
mod types;
mod wasm;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::OnceLock;

use anyhow::Result;
use clap::{CommandFactory as _, Parser};

/// Builds, tests and shows xero-m2m.
///
/// Needs rustup, a C compiler, and Node.js 20.10 or later with npm. Each verb installs
/// what else it needs, prints each step and the time it took, and can be run
/// again: steps whose inputs have not changed are skipped.
/// `cargo xtask VERB --help` has more about a verb.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", disable_help_subcommand = true, max_term_width = 100)]
#[command(verbatim_doc_comment, after_long_help = AFTER_HELP)]
enum Verb {
    /// Build the npm package into pkg/dist, and the page into target/www
    ///
    /// Compiles the core and the simulator to wasm, makes their JavaScript glue, shrinks them, compiles the
    /// TypeScript of pkg/src, writes pkg/dist and packs it as target/pack/xero-m2m-VERSION.tgz. Then bundles www/ with
    /// the policy library into plain files that any web server can serve, at any path.
    Build,

    /// Run a small service against a local Xero
    ///
    /// Builds and packs, installs the tarball into the scratch project target/demo, starts the local Xero on a free
    /// loopback port and runs tests/demo/service.mjs against it, as a user would have written it.
    Demo,

    /// Run all tests, or only the named parts
    ///
    /// Without a part: everything that CI runs, in the order of the list below. `long` is not among it: run it before a
    /// release.
    Test {
        /// The parts to run
        #[arg(value_enum)]
        parts: Vec<test::Part>,
        /// The essential steps only, with short random tests; prints the steps that it left out
        ///
        /// Takes under five minutes on two cores from a warm build.
        #[arg(long)]
        quick: bool,
    },

    /// Build the documentation as pages into target/docs, with the reference, and check their links
    Docs,

    /// Build the page and the documentation and serve them on this machine, until Ctrl-C
    ///
    /// The documentation is at /docs/. Prints the address, and opens the browser where there is a display.
    Serve {
        /// The port; by default 8017, or a free one if that is taken
        #[arg(long)]
        port: Option<u16>,
    },

    /// Print sizes and measure speed, next to comparable packages
    ///
    /// Prints medians and ratios; it never fails for a slow number.
    Bench {
        /// Instead: a million calls against a server on this machine, one in a hundred faulty. Fails if memory grows, a
        /// place in flight is lost or a call is never answered
        #[arg(long)]
        soak: bool,
        /// Instead: import and first token in every runtime, and the start of an isolate
        #[arg(long, conflicts_with = "soak")]
        runtimes: bool,
        /// Instead: what a fleet of processes costs and saves, with Redis and PostgreSQL
        #[arg(long, conflicts_with_all = ["soak", "runtimes"])]
        fleet: bool,
    },

    /// Look up known weaknesses of the crates and packages that are used, and check their signatures
    ///
    /// Needs the network: the advisory database of RustSec, and the registry of npm. `cargo xtask test deps` has the
    /// checks that need none.
    Audit,

    /// Write the software bill of materials of the package beside its tarball
    Sbom,

    /// Check, build twice, compare and publish the package
    ///
    /// The version stands in Cargo.toml and pkg/package.json and is one; CHANGELOG.md has an entry for it with a day.
    Release {
        /// Do everything but publishing; print the open points
        #[arg(long)]
        dry_run: bool,
    },

    /// Look for inputs that break the core, with libFuzzer
    ///
    /// Each target of tests/fuzz for the given time. An input that breaks one is written to target/fuzz and shown; an
    /// input that reaches new code is kept in tests/fuzz/corpus. `cargo xtask test fuzz` is a short run.
    Fuzz {
        /// The time for each target
        #[arg(long, default_value_t = 120)]
        seconds: u32,
    },

    /// Write the generated files: tables.rs from the JSON of src/catalogue, types and JSON Schema of pkg from the crate
    Generate {
        /// Write nothing: fail if a file is out of date
        #[arg(long)]
        check: bool,
    },

    /// The test runner that cargo calls for wasm32; `cargo xtask test wasm` uses it
    #[command(hide = true, disable_help_flag = true)]
    WasmTestRunner {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
}

const AFTER_HELP: &str = "\
Examples:
  cargo xtask demo               the main job, from nothing to a service that reads and writes
  cargo xtask test --quick       the essential tests, in a few minutes
  cargo xtask test               everything that CI runs
  cargo xtask test rust          one part; the others are wasm, fuzz, browser, js, types,
                                 page, package, runtimes, fleet, deps
                                 and, before a release, long, which includes others";

/// The folder of the crate, wherever the command was started.
pub fn root() -> &'static Path {
    static ROOT: OnceLock<PathBuf> = OnceLock::new();
    ROOT.get_or_init(|| {
        // cargo sets the variable when it runs us; the folder may have moved since we were compiled.
        let xtask = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
        let xtask = xtask.filter(|folder| folder.ends_with("xtask"));
        let mut root = xtask.unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        root.pop();
        root
    })
}

fn main() -> ExitCode {
    if std::env::args_os().len() < 2 {
        // If help cannot be printed, an error about it cannot either.
        let _ = Verb::command().print_long_help();
        return ExitCode::SUCCESS;
    }
    match obey(Verb::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            run::complain(&error);
            ExitCode::FAILURE
        }
    }
}

fn obey(verb: Verb) -> Result<()> {
    match verb {
        Verb::Build => {
            run::title("build");
            page::build()
        }
        Verb::Demo => demo::run(),
        Verb::Test { parts, quick } => test::run(&parts, quick),
        Verb::Docs => docs::run(),
        Verb::Serve { port } => page::serve(port),
        Verb::Bench { soak, runtimes, fleet } => {
            run::title("bench");
            match (soak, runtimes, fleet) {
                (true, ..) => bench::soak(),
                (_, true, _) => runtimes::bench(),
                (.., true) => fleet::bench(),
                _ => bench::run(),
            }
        }
        Verb::Sbom => {
            run::title("sbom");
            sbom::write()
        }
        Verb::Release { dry_run } => {
            run::title("release");
            release::release(dry_run)
        }
        Verb::Audit => {
            run::title("audit");
            deps::audit()
        }
        Verb::Fuzz { seconds } => {
            run::title("fuzz");
            fuzz::search(seconds)
        }
        Verb::Generate { check } => {
            run::step("catalogue tables", || generate::run(root(), check))?;
            run::step("addresses in package.json and pages.ts", || addresses::run(root(), check))?;
            // A test of the crate generates these files, because it can see the crate's types.
            let mut generated = run::cargo("test", "target");
            generated.args(["--quiet", "--test", "generated", "--test", "agenda", "--features", "schema,simulator"]);
            if !check {
                generated.env("UPDATE_GENERATED", "1");
            }
            run::quiet(
                "codes.ts, actions.ts, answers.ts, policy.schema.json, agendas.txt, errors.md, rules.md, local-xero.md",
                &mut generated,
            )
            .map(drop)
        }
        Verb::WasmTestRunner { arguments } => {
            let arguments = std::iter::once("wasm-bindgen-test-runner".into()).chain(arguments);
            wasm_bindgen_cli::wasm_bindgen_test_runner::run_cli_with_args(arguments)
        }
    }
}
