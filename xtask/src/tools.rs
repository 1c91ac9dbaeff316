//! The tools that the steps need: each is found, or installed if that is safe, or an error explains how to install it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Context as _, Result, bail, ensure};

use crate::{root, run, stamp};

/// The oldest Node.js whose test runner has `--test-concurrency`. The package itself runs in older ones.
const OLDEST_NODE: (u32, u32) = (20, 10);

/// Checks that Node is installed and new enough.
pub fn node() -> Result<()> {
    static FOUND: OnceLock<()> = OnceLock::new();
    if FOUND.get().is_some() {
        return Ok(());
    }
    let (major, minor) = OLDEST_NODE;
    let advice = format!("install Node.js {major}.{minor} or later, with npm, and run this again");
    let output = Command::new("node").arg("--version").output().with_context(|| format!("no `node`: {advice}"))?;
    let version = String::from_utf8_lossy(&output.stdout);
    let version = version.trim();
    let mut numbers = version.trim_start_matches('v').split('.').map_while(|number| number.parse::<u32>().ok());
    let found = numbers.next().zip(numbers.next());
    ensure!(found.is_some_and(|found| found >= OLDEST_NODE), "node is {version}: {advice}");
    let _ = FOUND.set(());
    Ok(())
}

/// npm in `folder`. On Windows it is a script, which only a shell finds without its extension.
pub fn npm(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = run::command(if cfg!(windows) { "npm.cmd" } else { "npm" });
    command.current_dir(folder).args(arguments);
    command
}

/// Installs the packages of the lock file in `folder`, a folder below the crate's.
pub fn npm_ci(folder: &str) -> Result<()> {
    node()?;
    let what = format!("npm ci in {folder}");
    let folder = root().join(folder);
    let inputs = ["package.json", "package-lock.json"].map(|name| folder.join(name));
    // npm writes this record last.
    let outputs = [folder.join("node_modules/.package-lock.json")];
    stamp::once(&what, "ci", &inputs, &outputs, || {
        run::quiet(&what, &mut npm(&folder, &["ci", "--ignore-scripts", "--no-audit", "--no-fund"])).map(drop)
    })
}

/// A program of an npm package installed in pkg/.
pub fn npm_bin(name: &str) -> Command {
    let mut command = run::command(bin(&root().join("pkg"), name));
    command.current_dir(root().join("pkg"));
    command
}

/// The path of the program `name` that npm installed in `folder`.
pub fn bin(folder: &Path, name: &str) -> PathBuf {
    folder.join("node_modules/.bin").join(if cfg!(windows) { format!("{name}.cmd") } else { name.to_owned() })
}

/// The path of a tool for cargo, installed into target/tools.
pub fn cargo_tool(name: &str, version: &str) -> Result<PathBuf> {
    let tools = root().join("target/tools");
    let program = tools.join("bin").join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    let what = format!("cargo install {name}");
    stamp::once(&what, version, &[], std::slice::from_ref(&program), || {
        // Not optimised: compiling a tool takes minutes, and running it seconds.
        let mut install = run::cargo("install", "target/tools/build");
        install
            .args(["--debug", name, "--version", version, "--root"])
            .arg(&tools)
            .env("CARGO_PROFILE_DEV_DEBUG", "false");
        if std::env::var_os("CI").is_none() {
            install.arg("--locked");
        }
        run::loud(&what, &mut install)
    })?;
    Ok(program)
}

/// Installs Rust's wasm32 target if it is missing.
pub fn wasm_target() -> Result<()> {
    const TARGET: &str = "wasm32-unknown-unknown";
    let mut rustc = run::command("rustc");
    let output = rustc.args(["--print", "target-libdir", "--target", TARGET]).output().context("no `rustc`")?;
    let folder = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
    if output.status.success() && folder.is_dir() {
        return Ok(());
    }
    let mut rustup = run::command("rustup");
    rustup.args(["target", "add", TARGET]);
    run::quiet("rustup target add", &mut rustup)
        .with_context(|| format!("install the target {TARGET} of your Rust toolchain and run this again"))?;
    Ok(())
}

/// Installs the source of Rust's standard library if it is missing.
pub fn rust_src() -> Result<()> {
    let output = run::command("rustc").args(["--print", "sysroot"]).output().context("no `rustc`")?;
    let sysroot = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
    if sysroot.join("lib/rustlib/src/rust/library/Cargo.lock").is_file() {
        return Ok(());
    }
    let mut rustup = run::command("rustup");
    run::quiet("rustup component add", rustup.args(["component", "add", "rust-src"]))
        .context("install the component rust-src of your Rust toolchain and run this again")?;
    Ok(())
}

/// The path of chromedriver, beside a Chromium or Chrome that it can drive.
pub fn chromedriver() -> Result<PathBuf> {
    browser().map(|browser| browser.driver)
}

/// The path of Chromium or Chrome.
pub fn chromium() -> Result<PathBuf> {
    browser().map(|browser| browser.program)
}

struct Browser {
    program: PathBuf,
    driver: PathBuf,
}

fn browser() -> Result<Browser> {
    if let Some(browser) = find_browser() {
        return Ok(browser);
    }
    const ADVICE: &str = "this part needs Chromium (or Chrome) and chromedriver in PATH; on Debian: \
                          apt-get install chromium chromium-driver";
    apt_install(&["chromium", "chromium-driver"], ADVICE)?;
    find_browser().context(ADVICE)
}

/// Checks that there is a C++ compiler.
pub fn cxx() -> Result<()> {
    const ADVICE: &str = "this part needs a C++ compiler as `c++` in PATH; on Debian: apt-get install g++";
    if find("c++").is_none() {
        apt_install(&["g++"], ADVICE)?;
        find("c++").context(ADVICE)?;
    }
    Ok(())
}

/// Checks that there is a server of PostgreSQL, where Debian has it. Other systems do without its tests.
pub fn postgres() -> Result<()> {
    const FOLDER: &str = "/usr/lib/postgresql";
    if Path::new(FOLDER).is_dir() || find("apt-get").is_none() || !is_root() {
        return Ok(());
    }
    apt_install(&["postgresql"], "install PostgreSQL; on Debian: apt-get install postgresql")
}

/// Checks that there is a server of Redis, where Debian has it. Other systems do without its tests.
pub fn redis() -> Result<()> {
    if find("redis-server").is_some() || find("apt-get").is_none() || !is_root() {
        return Ok(());
    }
    apt_install(&["redis-server"], "install Redis; on Debian: apt-get install redis-server")
}

/// The target that the compiler itself runs on.
pub fn host() -> Result<String> {
    let output = run::command("rustc").arg("-vV").output().context("no `rustc`")?.stdout;
    let output = String::from_utf8_lossy(&output).into_owned();
    let host = output.lines().find_map(|line| line.strip_prefix("host: ")).context("`rustc -vV` names no host")?;
    Ok(host.to_owned())
}

/// Installs packages of Debian as root, or gives the advice.
fn apt_install(packages: &[&str], advice: &'static str) -> Result<()> {
    if find("apt-get").is_none() || !is_root() {
        bail!("{advice}");
    }
    let apt = |arguments: &[&str]| {
        let mut command = run::command("apt-get");
        command.env("DEBIAN_FRONTEND", "noninteractive").args(arguments);
        command
    };
    run::quiet("apt-get update", &mut apt(&["update", "--quiet"]))?;
    let install = ["install", "--quiet", "--yes", "--no-install-recommends"];
    let what = format!("apt-get install {}", packages.join(" "));
    run::quiet(&what, apt(&install).args(packages)).map(drop)
}

fn find_browser() -> Option<Browser> {
    let browsers = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
    Some(Browser { program: browsers.into_iter().find_map(find)?, driver: find("chromedriver")? })
}

fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let name = format!("{program}{}", std::env::consts::EXE_SUFFIX);
    std::env::split_paths(&path).map(|folder| folder.join(&name)).find(|file| file.is_file())
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output();
    output.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}
