//! Fuzzing with libFuzzer on the stable toolchain: targets in tests/fuzz/targets, inputs that reach different code in
//! tests/fuzz/corpus.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::length::Length;
use crate::{root, run, stamp, tools};

const TARGETS: [&str; 7] = ["token_answers", "api_answers", "scopes", "urls", "headers", "calls", "filters"];

/// The flags by which the compiler counts the code that a run reaches: those of `cargo fuzz` that a stable compiler
/// accepts.
const FLAGS: [&str; 7] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "--cfg=fuzzing",
    "-Ccodegen-units=1",
];

/// The length of the longest input. Longer ones find nothing that shorter ones do not.
const LONGEST: &str = "-max_len=4000";

/// Runs every target over its corpus, and over as many inputs beyond it as `tests/lengths.json` has under `fuzz TARGET`.
/// These are the same every time, except in a long run.
pub fn test(length: Length) -> Result<()> {
    let mut clippy = run::cargo("clippy", "target/fuzz");
    clippy.args(["--manifest-path", "tests/fuzz/Cargo.toml", "--", "-D", "warnings"]);
    run::loud("lints of the fuzz targets", &mut clippy)?;
    let programs = build()?;
    let lengths = length.table()?;
    let fuzzers = TARGETS.map(|target| {
        let row = format!("fuzz {target}");
        let runs = lengths.get(&row).with_context(|| format!("tests/lengths.json has no {row}"))?;
        let corpus = unpack(target)?;
        let mut fuzz = fuzzer(&programs, target);
        if length != Length::Long {
            fuzz.arg("-seed=1");
        }
        fuzz.arg(format!("-runs={runs}")).arg(corpus);
        Ok((row, fuzz))
    });
    run::side_by_side(fuzzers.into_iter().collect::<Result<_>>()?)
}

/// Runs every target for `seconds`, from a seed that it prints. Inputs that reach new code are added to the corpus.
pub fn search(seconds: u32) -> Result<()> {
    let programs = build()?;
    for target in TARGETS {
        let corpus = unpack(target)?;
        let mut fuzz = fuzzer(&programs, target);
        fuzz.arg(format!("-max_total_time={seconds}")).arg(&corpus);
        run::loud(&format!("fuzz {target}"), &mut fuzz)?;
        let least = fresh(&format!("{target}.least"))?;
        let mut merge = fuzzer(&programs, target);
        // The shortest of the inputs that reach the same code.
        merge.args(["-set_cover_merge=1", "-use_counters=0", "-use_cmp=0", "-max_len=1500"]).args([&least, &corpus]);
        run::quiet(&format!("keep the inputs of {target} that reach new code"), &mut merge)?;
        pack(target, &least)?;
    }
    Ok(())
}

/// Builds the targets. Returns the folder of the programs.
fn build() -> Result<PathBuf> {
    const TARGET: &str = "target/fuzz";
    tools::cxx()?;
    let host = tools::host()?;
    let mut cargo = run::cargo("build", TARGET);
    // With an explicit target, the flags do not apply to build scripts.
    cargo.args(["--release", "--manifest-path", "tests/fuzz/Cargo.toml", "--target", &host]);
    cargo.env("CARGO_ENCODED_RUSTFLAGS", FLAGS.join("\u{1f}"));
    run::loud("build the fuzz targets", &mut cargo)?;
    Ok(root().join(TARGET).join(host).join("release"))
}

fn fuzzer(programs: &Path, target: &str) -> Command {
    let mut fuzzer = run::command(programs.join(target));
    let found = format!("-artifact_prefix={}/", root().join("target/fuzz").display());
    fuzzer.args([
        LONGEST,
        "-timeout=20",
        "-dict=tests/fuzz/words.dict",
        "-verbosity=0",
        "-print_final_stats=1",
        &found,
    ]);
    fuzzer
}

/// The file that has the corpus of a target: a line for each input, with escapes for unprintable bytes.
fn kept(target: &str) -> PathBuf {
    root().join(format!("tests/fuzz/corpus/{target}.txt"))
}

fn fresh(name: &str) -> Result<PathBuf> {
    let folder = root().join("target/fuzz/corpus").join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// Writes the inputs of the corpus into a folder, as libFuzzer wants them.
fn unpack(target: &str) -> Result<PathBuf> {
    let folder = fresh(target)?;
    let text = fs::read_to_string(kept(target)).with_context(|| format!("no corpus of {target}"))?;
    for (number, line) in text.lines().enumerate() {
        let input = unescape(line).with_context(|| format!("line {} of the corpus of {target}", number + 1))?;
        fs::write(folder.join(format!("{number:05}")), input)?;
    }
    Ok(folder)
}

fn pack(target: &str, folder: &Path) -> Result<()> {
    let mut inputs = stamp::files(folder)?.iter().map(fs::read).collect::<Result<Vec<_>, _>>()?;
    ensure!(!inputs.is_empty(), "no input of {target} reaches any code");
    inputs.sort();
    let text: String = inputs.iter().map(|input| format!("{}\n", input.escape_ascii())).collect();
    fs::write(kept(target), text)?;
    Ok(())
}

/// Reverses [`slice::escape_ascii`].
fn unescape(line: &str) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut rest = line.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let (byte, taken) = match (first, after) {
            (b'\\', [b'x', high, low, ..]) => {
                let digits = [*high, *low];
                (u8::from_str_radix(std::str::from_utf8(&digits)?, 16)?, 3)
            }
            (b'\\', [b't', ..]) => (b'\t', 1),
            (b'\\', [b'r', ..]) => (b'\r', 1),
            (b'\\', [b'n', ..]) => (b'\n', 1),
            (b'\\', [mark @ (b'\\' | b'\'' | b'"'), ..]) => (*mark, 1),
            (b'\\', _) => anyhow::bail!("an unknown escape"),
            _ => (first, 0),
        };
        bytes.push(byte);
        rest = &after[taken..];
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_is_escaped_is_unescaped() {
        let all: Vec<u8> = (0..=255).chain(*b"\\x41 \\n").collect();
        assert_eq!(super::unescape(&all.escape_ascii().to_string()).expect("an escape"), all);
        assert!(super::unescape("a\\q").is_err() && super::unescape("\\x4").is_err());
    }
}
