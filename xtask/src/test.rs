//! Everything that CI runs, in parts that run alone as well.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};
use clap::ValueEnum;

use crate::{addresses, consumer, deps, fuzz, generate, package, page, root, run, runtimes, stamp, tools};

/// A part of the tests.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// Format, generated tables, lints, native tests and documentation of the crate
    Rust,
    /// The crate's wasm tests in Node
    Wasm,
    /// What people and servers may send, made up by libFuzzer: the corpus and a little more, the same every time
    Fuzz,
    /// The crate's async client in headless Chromium
    Browser,
    /// tests/js against the packed package, in Node
    Js,
    /// tests/types against the packed package, as TypeScript projects of two kinds; the README and the examples, strictly
    Types,
    /// tests/page against the built page, in headless Chromium
    Page,
    /// What is published: its files, its sizes, and whether every kind of consumer resolves it
    Package,
    /// The same suite in Node.js 20, 22 and 24, Deno, Bun, workerd and Vercel's edge runtime
    Runtimes,
    /// What is built in: licences, sources, lock files
    Deps,
}

/// Runs the parts, or all of them if there are none.
pub fn run(parts: &[Part]) -> Result<()> {
    for part in Part::value_variants().iter().filter(|part| parts.is_empty() || parts.contains(part)) {
        let name = part.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
        run::title(&format!("test {name}"));
        part.run().with_context(|| format!("part `{name}` failed; to run it alone: cargo xtask test {name}"))?;
    }
    Ok(())
}

impl Part {
    fn run(self) -> Result<()> {
        match self {
            Self::Rust => rust(),
            Self::Wasm => wasm(),
            Self::Fuzz => fuzz::short(),
            Self::Browser => browser(),
            Self::Js => js(),
            Self::Types => types(),
            Self::Page => in_page(),
            Self::Package => published(),
            Self::Runtimes => runtimes::test(),
            Self::Deps => deps::check(),
        }
    }
}

const WASM32: &[&str] = &["--target", "wasm32-unknown-unknown"];

/// Sets of features whose code is for wasm32, and the file of tests/ that tests them there.
const ON_WASM32: [(&str, &str); 2] = [("wasm,wasm-policy,wasm-simulator", "wasm"), ("gloo,simulator", "gloo")];

fn rust() -> Result<()> {
    for manifest in ["Cargo.toml", "xtask/Cargo.toml", "tests/fuzz/Cargo.toml"] {
        let mut fmt = run::command("cargo");
        run::quiet(&format!("cargo fmt of {manifest}"), fmt.args(["fmt", "--check", "--manifest-path", manifest]))?;
    }
    run::step("catalogue tables", || generate::run(root(), true))?;
    run::step("addresses in package.json", || addresses::run(root(), true))?;
    tools::wasm_target()?;
    for features in ["", "simulator,schema"] {
        lint(features, &["--all-targets"])?;
    }
    for (features, test) in ON_WASM32 {
        lint(features, &[WASM32, &["--lib", "--test", test, "--test", "speed"]].concat())?;
    }
    for features in ["", "simulator,schema"] {
        let mut tests = run::cargo("test", "target");
        run::loud(&format!("native tests{}", of(features)), tests.args(["--features", features]))?;
    }
    let mut clippy = run::cargo("clippy", "target/xtask");
    clippy.args(["--manifest-path", "xtask/Cargo.toml", "--all-targets", "--", "-D", "warnings"]);
    run::loud("lints of xtask", &mut clippy)?;
    run::loud("tests of xtask", run::cargo("test", "target/xtask").args(["--manifest-path", "xtask/Cargo.toml"]))?;
    for (features, target) in [("simulator", &[][..]), ("gloo", WASM32)] {
        let mut doc = run::cargo("doc", "target");
        doc.args(target).args(["--no-deps", "--features", features]).env("RUSTDOCFLAGS", "-D warnings");
        run::loud(&format!("documentation{}", of(features)), &mut doc)?;
    }
    Ok(())
}

fn lint(features: &str, what: &[&str]) -> Result<()> {
    let mut clippy = run::cargo("clippy", "target");
    clippy.args(what).args(["--features", features, "--", "-D", "warnings"]);
    run::loud(&format!("lints{}", of(features)), &mut clippy)
}

/// The features as a title says them.
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
    // Neither Node nor a browser reads it, and the runner takes three times as long with it.
    tests.env("CARGO_PROFILE_DEV_STRIP", "debuginfo");
    tests.args(WASM32).args(["--test", test, "--features", features]);
    Ok(tests)
}

fn js() -> Result<()> {
    package::build()?;
    run::loud("tests in Node", &mut node_tests("js")?)
}

/// Node's runner with the tests of tests/NAME.
fn node_tests(name: &str) -> Result<Command> {
    let folder = consumer::of_tests()?;
    let relative = |file: &PathBuf| file.strip_prefix(&folder).map(Path::to_owned);
    let mut tests = stamp::files(&folder.join(name))?.iter().map(relative).collect::<Result<Vec<_>, _>>()?;
    tests.retain(|file| file.to_string_lossy().ends_with(".test.mjs"));
    ensure!(!tests.is_empty(), "no tests/{name}/*.test.mjs");
    let mut node = run::command("node");
    node.current_dir(&folder).args(["--test", "--test-reporter=spec"]).args(tests);
    Ok(node)
}

fn in_page() -> Result<()> {
    page::build()?;
    let mut tests = node_tests("page")?;
    tests.env("CHROMIUM", tools::chromium()?).env("PAGE", page::folder());
    run::loud("tests in headless Chromium", &mut tests)
}

fn types() -> Result<()> {
    package::build()?;
    let folder = consumer::of_tests()?;
    fs::write(folder.join("types/readme.mts"), examples_of(&fs::read_to_string(root().join("README.md"))?))?;
    for kind in ["nodenext", "bundler", "readme", "examples"] {
        let mut tsc = tools::npm_bin("tsc");
        let project = folder.join(format!("types/tsconfig.{kind}.json"));
        run::quiet(&format!("tsc: {kind}"), tsc.arg("--project").arg(project))?;
    }
    Ok(())
}

/// The TypeScript of a page of Markdown, one example after the other.
fn examples_of(markdown: &str) -> String {
    let fenced = markdown.split("\n```ts\n").skip(1);
    fenced.filter_map(|rest| rest.split_once("```")).map(|(code, _)| code).collect()
}

fn published() -> Result<()> {
    package::build()?;
    let tarball = package::tarball(&package::version()?);
    run::quiet("publint", tools::npm_bin("publint").arg(&tarball).arg("--strict"))?;
    // `node16`: resolution as TypeScript did it for Node 10 knows no `exports`.
    let mut attw = tools::npm_bin("attw");
    attw.args(["--no-definitely-typed", "--profile", "node16", "--format", "ascii"]).arg(&tarball);
    // Not code: bytes, for whoever loads them in a way of their own.
    attw.args(["--exclude-entrypoints", "xero-m2m.wasm"]);
    run::quiet("are the types wrong?", &mut attw)?;
    let folder = consumer::of_tests()?;
    run::step("files", || compare_files(&folder))?;
    run::loud("sizes", run::command("node").current_dir(&folder).arg("bench/1-sizes.mjs"))
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
