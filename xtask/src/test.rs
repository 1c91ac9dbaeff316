//! The tests, as a table of steps: those of CI, those of a quick run, and those before a release.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use clap::ValueEnum;
use serde_json::Value;

use crate::length::Length;
use crate::{
    addresses, bench, blocks, consumer, deps, docs, fleet, fuzz, generate, others, package, page, root, run, runtimes,
    sbom, stamp, tools,
};

/// A part of the tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// Format, generated tables, lints, native tests and documentation of the crate
    Rust,
    /// The crate's wasm tests in Node
    Wasm,
    /// Inputs made by libFuzzer from the corpus of tests/fuzz, the same every time
    Fuzz,
    /// The crate's async client in headless Chromium
    Browser,
    /// tests/js against the packed package, in Node
    Js,
    /// TypeScript projects of two kinds that use the packed package; the examples of README, docs and examples/, strictly
    Types,
    /// tests/page against the built page, in headless Chromium
    Page,
    /// The documentation as pages, with every link
    Docs,
    /// The published package: its files, its sizes, and whether every kind of consumer resolves it
    Package,
    /// The same suite in Node.js 20, 22 and 24, Deno, Bun, workerd and Vercel's edge runtime
    Runtimes,
    /// Stores that several processes share: Redis by each of its clients, PostgreSQL, files and Durable Objects, which the tests
    /// start, stall and kill
    Fleet,
    /// Licences, sources and lock files of the dependencies
    Deps,
    /// Not in CI: Xero's SDKs, its MCP server and other programs against the local Xero; part of `long`
    Others,
    /// Before a release, not in CI: long random tests and fuzzing, a million calls over HTTP, and 20,000 of a fleet
    Long,
}

/// A step of a part.
struct Step {
    part: Part,
    what: &'static str,
    /// True for the essential steps, which are also those of a quick run.
    quick: bool,
    run: fn(Length) -> Result<()>,
}

const fn step(part: Part, what: &'static str, quick: bool, run: fn(Length) -> Result<()>) -> Step {
    Step { part, what, quick, run }
}

const QUICK: bool = true;
const LATER: bool = false;

const STEPS: [Step; 28] = [
    step(Part::Rust, "format and generated files", QUICK, |_| written()),
    step(Part::Rust, "lints", QUICK, |_| lint(ALL, &["--all-targets"])),
    step(Part::Rust, "lints of the crate without features", LATER, |_| lint("", &["--all-targets"])),
    step(Part::Rust, "lints for wasm32", LATER, |_| lints_for_wasm32()),
    step(Part::Rust, "native tests", QUICK, |length| native_tests(ALL, length)),
    // No rule of the core depends on a feature, so the random tests are short: they have run at their length above.
    step(Part::Rust, "native tests of the crate without features", LATER, |_| native_tests("", Length::Quick)),
    step(Part::Rust, "lints and tests of xtask", LATER, |_| of_xtask()),
    step(Part::Rust, "documentation of the crate", LATER, |_| documentation()),
    step(Part::Wasm, "wasm tests in Node", LATER, |_| wasm()),
    step(Part::Fuzz, "fuzzing", LATER, fuzz::test),
    step(Part::Browser, "wasm tests in headless Chromium", LATER, |_| browser()),
    step(Part::Js, "tests of the packed package in Node", QUICK, js),
    step(Part::Types, "types of the packed package", QUICK, |_| types()),
    step(Part::Page, "a load of the page", QUICK, |_| in_page(|file| file == LOAD)),
    step(Part::Page, "the page beyond its load", LATER, |_| in_page(|file| file != LOAD)),
    step(Part::Docs, "the documentation as pages", LATER, |_| docs::build()),
    step(Part::Package, "the published package", LATER, |_| published()),
    step(Part::Runtimes, "every runtime, bundler and example", LATER, |_| runtimes::test()),
    step(Part::Fleet, "stores that processes share", LATER, |_| fleet::test()),
    step(Part::Deps, "licences, sources and lock files", LATER, |_| deps::check()),
    step(Part::Deps, "software bill of materials", LATER, |_| sbom::write()),
    step(Part::Others, "programs of other people", LATER, |_| others::test()),
    step(Part::Long, "native tests, long", LATER, |length| native_tests(ALL, length)),
    step(Part::Long, "random worlds, long", LATER, worlds),
    step(Part::Long, "killed processes with one vault, long", LATER, kills),
    step(Part::Long, "fuzzing, long", LATER, fuzz::test),
    step(Part::Long, "a million calls over HTTP", LATER, |_| bench::soak()),
    step(Part::Long, "a fleet of eight processes", LATER, |_| fleet::soak()),
];

/// The features that native code can have.
const ALL: &str = "simulator,schema";

/// The test that the page loads, and that nothing goes wrong meanwhile.
const LOAD: &str = "load.test.mjs";

/// Runs the given parts, or all parts of CI if none is given. A quick run takes only the essential steps of them.
pub fn run(parts: &[Part], quick: bool) -> Result<()> {
    let started = Instant::now();
    let chosen = |part: Part| match part {
        Part::Long => parts.contains(&part),
        Part::Others => parts.contains(&part) || parts.contains(&Part::Long),
        _ => parts.is_empty() || parts.contains(&part),
    };
    let (now, later): (Vec<_>, Vec<_>) =
        STEPS.iter().filter(|step| chosen(step.part)).partition(|step| step.quick || !quick);
    ensure!(!now.is_empty(), "a quick run has nothing of this part; leave out --quick");
    let mut times: Vec<(Part, Duration)> = Vec::new();
    for &Step { part, what, run, .. } in now {
        if times.last().is_none_or(|&(last, _)| last != part) {
            run::title(&format!("test {}", part.name()));
            times.push((part, Duration::ZERO));
        }
        let began = Instant::now();
        let length = match part {
            Part::Long => Length::Long,
            _ if quick => Length::Quick,
            _ => Length::Full,
        };
        run(length).with_context(|| {
            format!("part `{0}` failed ({what}); to run it alone: cargo xtask test {0}", part.name())
        })?;
        if let Some((_, took)) = times.last_mut() {
            *took += began.elapsed();
        }
    }
    run::title("seconds of each part");
    for (part, took) in &times {
        println!("  {:<9}{:>6.0}", part.name(), took.as_secs_f64());
    }
    if quick {
        left_out(&later, started)?;
    }
    Ok(())
}

/// Prints the steps that a quick run did not take, and how much shorter its random tests were.
fn left_out(later: &[&Step], started: Instant) -> Result<()> {
    run::title(&format!("quick test passed in {:.0} s; `cargo xtask test` also runs", started.elapsed().as_secs_f64()));
    for Step { part, what, .. } in later {
        println!("  {:<9} {what}", part.name());
    }
    let (quick, full) = (Length::Quick.table()?, Length::Full.table()?);
    let shorter = full.iter().filter_map(|(name, full)| Some((name, *quick.get(name)?, *full)));
    // The length 0 belongs to a step that is left out as a whole.
    let shorter = shorter.filter(|(_, quick, full)| *quick > 0 && quick < full);
    let shorter: Vec<_> = shorter.map(|(name, quick, full)| format!("{name} {quick} of {full}")).collect();
    println!("  and random tests at their full length; this run had {}", shorter.join(", "));
    Ok(())
}

impl Part {
    fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }
}

const WASM32: &[&str] = &["--target", "wasm32-unknown-unknown"];

/// Sets of features whose code is for wasm32, and the file of tests/ that tests them there.
const ON_WASM32: [(&str, &str); 2] =
    [("wasm,wasm-policy,wasm-record,wasm-shared,wasm-simulator", "wasm"), ("gloo,simulator", "gloo")];

fn written() -> Result<()> {
    for manifest in ["Cargo.toml", "xtask/Cargo.toml", "tests/fuzz/Cargo.toml"] {
        let mut fmt = run::command("cargo");
        run::quiet(&format!("cargo fmt of {manifest}"), fmt.args(["fmt", "--check", "--manifest-path", manifest]))?;
    }
    run::step("catalogue tables", || generate::run(root(), true))?;
    run::step("addresses in package.json", || addresses::run(root(), true))
}

fn lints_for_wasm32() -> Result<()> {
    tools::wasm_target()?;
    for (features, test) in ON_WASM32 {
        lint(features, &[WASM32, &["--lib", "--test", test, "--test", "speed"]].concat())?;
    }
    Ok(())
}

fn lint(features: &str, what: &[&str]) -> Result<()> {
    let mut clippy = run::cargo("clippy", "target");
    clippy.args(what).args(["--features", features, "--", "-D", "warnings"]);
    run::loud(&format!("lints{}", of(features)), &mut clippy)
}

/// Builds the native tests, and runs their programs side by side: each random test has a program of its own, and keeps one
/// processor busy for long.
fn native_tests(features: &str, length: Length) -> Result<()> {
    let mut build = run::cargo("test", "target");
    build.args(["--features", features, "--no-run", "--message-format=json-render-diagnostics"]);
    let mut programs = programs(&run::heard(&format!("build native tests{}", of(features)), &mut build)?)?;
    // The longest begin first.
    let random = length.table()?;
    programs.sort_by_key(|(name, _)| !random.contains_key(name));
    let tests = programs.into_iter().map(|(name, program)| {
        let mut test = run::command(program);
        length.given_to(test.arg("--quiet"));
        (format!("native tests{}: {name}", of(features)), test)
    });
    run::side_by_side(tests.collect())?;
    let mut examples = run::cargo("test", "target");
    run::loud(&format!("examples in the comments{}", of(features)), examples.args(["--doc", "--features", features]))
}

/// The names and paths of the programs that cargo has built, by its messages.
fn programs(messages: &str) -> Result<Vec<(String, PathBuf)>> {
    let mut programs = Vec::new();
    for line in messages.lines() {
        let message: Value = serde_json::from_str(line).context("a message of cargo is JSON")?;
        if message["profile"]["test"] == true
            && let Some(program) = message["executable"].as_str()
        {
            let name = message["target"]["name"].as_str().context("a target has a name")?;
            programs.push((name.to_owned(), program.into()));
        }
    }
    ensure!(!programs.is_empty(), "cargo built no tests");
    Ok(programs)
}

fn of_xtask() -> Result<()> {
    let mut clippy = run::cargo("clippy", "target/xtask");
    clippy.args(["--manifest-path", "xtask/Cargo.toml", "--all-targets", "--", "-D", "warnings"]);
    run::loud("lints of xtask", &mut clippy)?;
    run::loud("tests of xtask", run::cargo("test", "target/xtask").args(["--manifest-path", "xtask/Cargo.toml"]))
}

fn documentation() -> Result<()> {
    tools::wasm_target()?;
    for (features, target) in [("simulator", &[][..]), ("gloo", WASM32)] {
        let mut doc = run::cargo("doc", "target");
        doc.args(target).args(["--no-deps", "--features", features]).env("RUSTDOCFLAGS", "-D warnings");
        run::loud(&format!("documentation{}", of(features)), &mut doc)?;
    }
    Ok(())
}

/// The features, as the end of a title.
fn of(features: &str) -> String {
    if features.is_empty() { String::new() } else { format!(" of {features}") }
}

fn wasm() -> Result<()> {
    tools::node()?;
    for (features, test) in ON_WASM32 {
        run::loud(&format!("wasm tests{} in Node", of(features)), &mut wasm_tests(features, test)?)?;
    }
    Ok(())
}

fn browser() -> Result<()> {
    let driver = tools::chromedriver()?;
    let mut tests = wasm_tests("gloo,simulator", "gloo")?;
    tests.env("WASM_BINDGEN_USE_BROWSER", "1").env("CHROMEDRIVER", driver);
    run::loud("wasm tests of gloo in headless Chromium", &mut tests)
}

/// `cargo test` for wasm32, with this program as the runner of its tests.
pub fn wasm_tests(features: &str, test: &str) -> Result<Command> {
    tools::wasm_target()?;
    let this = std::env::current_exe()?;
    // An array: the path may hold spaces.
    let runner = serde_json::to_string(&[this.to_str().context("the path is no text")?, "wasm-test-runner"])?;
    let mut tests = run::cargo("test", "target");
    tests.arg("--config").arg(format!("target.wasm32-unknown-unknown.runner={runner}"));
    // Node and browsers do not read it, and the runner takes three times as long with it.
    tests.env("CARGO_PROFILE_DEV_STRIP", "debuginfo");
    tests.args(WASM32).args(["--test", test, "--features", features]);
    Ok(tests)
}

fn js(length: Length) -> Result<()> {
    package::build()?;
    tools::postgres()?;
    run::loud("tests in Node", length.given_to(&mut node_tests("js", |_| true)?))
}

fn worlds(length: Length) -> Result<()> {
    package::build()?;
    run::loud("random worlds in Node", length.given_to(&mut node_tests("js", |file| file == "worlds.test.mjs")?))
}

fn kills(length: Length) -> Result<()> {
    package::build()?;
    run::loud("killed processes", length.given_to(&mut node_tests("js", |file| file.starts_with("vault-"))?))
}

/// Node's runner with those tests of tests/NAME whose files are `chosen` by their names.
fn node_tests(name: &str, chosen: impl Fn(&str) -> bool) -> Result<Command> {
    node_tests_in(&consumer::of_tests()?, name, chosen)
}

/// The same in another project.
pub fn node_tests_in(folder: &Path, name: &str, chosen: impl Fn(&str) -> bool) -> Result<Command> {
    let relative = |file: &PathBuf| file.strip_prefix(folder).map(Path::to_owned);
    let mut tests = stamp::files(&folder.join(name))?.iter().map(relative).collect::<Result<Vec<_>, _>>()?;
    tests.retain(|file| {
        let file = file.file_name().unwrap_or_default().to_string_lossy();
        file.ends_with(".test.mjs") && chosen(&file)
    });
    ensure!(!tests.is_empty(), "tests/{name} has no such *.test.mjs");
    let mut node = run::command("node");
    node.current_dir(folder).args(["--test", "--test-reporter=spec", &files_at_once()]).args(tests);
    Ok(node)
}

/// The option for the number of files that Node's runner has running at once. Many tests wait for timers; by default Node leaves one
/// of two cores idle.
pub fn files_at_once() -> String {
    let files = std::thread::available_parallelism().map_or(1, usize::from);
    format!("--test-concurrency={files}")
}

fn in_page(chosen: fn(&str) -> bool) -> Result<()> {
    page::build()?;
    let mut tests = node_tests("page", chosen)?;
    tests.env("CHROMIUM", tools::chromium()?).env("PAGE", page::folder());
    run::loud("tests in headless Chromium", &mut tests)
}

fn types() -> Result<()> {
    package::build()?;
    let folder = consumer::of_tests()?;
    let projects = ["nodenext", "node16", "bundler", "examples"].map(|kind| {
        let mut tsc = tools::npm_bin("tsc");
        tsc.arg("--project").arg(folder.join(format!("types/tsconfig.{kind}.json")));
        (format!("tsc: {kind}"), tsc)
    });
    run::side_by_side(projects.into())?;
    blocks::check(&folder)
}

fn published() -> Result<()> {
    package::build()?;
    let tarball = package::tarball(&package::version()?);
    run::quiet("publint", tools::npm_bin("publint").arg(&tarball).arg("--strict"))?;
    // `node16`: resolution as TypeScript did it for Node 10 knows no `exports`.
    let mut attw = tools::npm_bin("attw");
    attw.args(["--no-definitely-typed", "--profile", "node16", "--format", "ascii"]).arg(&tarball);
    // Bytes without code, for programs with their own way of loading the module.
    attw.args(["--exclude-entrypoints", "xero-m2m.wasm"]);
    run::quiet("are the types wrong?", &mut attw)?;
    let folder = consumer::of_tests()?;
    run::step("files", || compare_files(&folder))?;
    run::loud("sizes", &mut bench::script(&folder, Path::new("bench/1-sizes.mjs"))?)
}

/// The files that are installed, so those that were packed, are those of tests/package-files.txt.
fn compare_files(consumer: &Path) -> Result<()> {
    const LIST: &str = "tests/package-files.txt";
    let expected = fs::read_to_string(root().join(LIST)).with_context(|| format!("cannot read {LIST}"))?;
    let expected: BTreeSet<String> = expected.lines().map(str::to_owned).collect();
    let installed = consumer.join("node_modules/xero-m2m");
    let name = |file: &PathBuf| Ok(file.strip_prefix(&installed)?.to_string_lossy().replace('\\', "/"));
    let packed = stamp::files(&installed)?.iter().map(name).collect::<Result<BTreeSet<_>>>()?;
    let surplus: Vec<_> = packed.difference(&expected).map(|file| format!("\n  + {file}")).collect();
    let missing: Vec<_> = expected.difference(&packed).map(|file| format!("\n  - {file}")).collect();
    if surplus.is_empty() && missing.is_empty() {
        return Ok(());
    }
    bail!(
        "the packed files are not those of {LIST}; if they should be, edit it:{}{}",
        surplus.concat(),
        missing.concat()
    )
}
