//! Steps: one line for each, with its name and the time it took; and commands that run as steps.

use std::fmt::Write as _;
use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::root;

/// The interval at which a silent step prints a dot.
const HEARTBEAT: Duration = Duration::from_secs(3);

/// A command that starts in the folder of the crate.
pub fn command(program: impl AsRef<Path>) -> Command {
    let mut command = Command::new(program.as_ref());
    command.current_dir(root());
    command
}

/// The cargo that runs us, building into `target` of the crate; `CARGO_TARGET_DIR` does not count.
pub fn cargo(verb: &str, target: &str) -> Command {
    let mut command = command(std::env::var_os("CARGO").map_or_else(|| "cargo".into(), PathBuf::from));
    command.args([verb, "--target-dir"]).arg(root().join(target));
    // In CI a lock file that lags behind is a mistake; on a desk it is work in progress.
    if std::env::var_os("CI").is_some() {
        command.arg("--locked");
    }
    command
}

/// Does `work` on a line of its own that ends with the time it took.
pub fn step<T>(what: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let started = Instant::now();
    print!("  {what}");
    flush();
    let (done, silence) = mpsc::channel::<()>();
    let heart = thread::spawn(move || {
        while silence.recv_timeout(HEARTBEAT) == Err(RecvTimeoutError::Timeout) {
            print!(".");
            flush();
        }
    });
    let result = work();
    drop(done);
    let _ = heart.join();
    match &result {
        Ok(_) => println!(" {}", paint(DIM, &took(started))),
        Err(_) => println!(" {}", paint(RED, "failed")),
    }
    result
}

/// Prints that a step was skipped because its inputs have not changed.
pub fn unchanged(what: &str) {
    println!("  {what} {}", paint(DIM, "unchanged"));
}

/// Runs a command whose output only matters if it fails. Returns what it wrote to its standard output.
pub fn quiet(what: &str, command: &mut Command) -> Result<String> {
    let mut output_of_failure = Vec::new();
    let result = step(what, || {
        let output = command.stdin(Stdio::null()).output().with_context(|| cannot_start(command))?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        output_of_failure = [output.stdout, output.stderr].concat();
        bail!("{what}: {}\n  {}", output.status, shown(command))
    });
    // After the line of the step has ended.
    let _ = std::io::stderr().write_all(&output_of_failure);
    result
}

/// Runs a command that shows its own progress.
pub fn loud(what: &str, command: &mut Command) -> Result<()> {
    println!("  {what} …");
    let started = Instant::now();
    let status = command.stdin(Stdio::null()).status().with_context(|| cannot_start(command))?;
    if !status.success() {
        bail!("{what}: {status}\n  {}", shown(command));
    }
    println!("  {what} {}", paint(DIM, &took(started)));
    Ok(())
}

/// Runs a command that shows its own progress. Returns what it wrote to its standard output.
pub fn heard(what: &str, command: &mut Command) -> Result<String> {
    println!("  {what} …");
    let started = Instant::now();
    let output =
        command.stdin(Stdio::null()).stderr(Stdio::inherit()).output().with_context(|| cannot_start(command))?;
    if !output.status.success() {
        bail!("{what}: {}\n  {}", output.status, shown(command));
    }
    println!("  {what} {}", paint(DIM, &took(started)));
    String::from_utf8(output.stdout).with_context(|| format!("{what}: the output is no text"))
}

/// Runs commands in their order, as many at once as there are processors. Each has a line when it has ended, and the output of one
/// that failed is printed.
pub fn side_by_side(commands: Vec<(String, Command)>) -> Result<()> {
    let at_once = thread::available_parallelism().map_or(1, usize::from);
    let left = Mutex::new(commands.into_iter());
    let failed = Mutex::new(Vec::new());
    let work = || {
        loop {
            let next = left.lock().unwrap_or_else(PoisonError::into_inner).next();
            let Some((what, mut command)) = next else { return };
            let started = Instant::now();
            let output = command.stdin(Stdio::null()).output();
            // One prints at a time.
            let mut failed = failed.lock().unwrap_or_else(PoisonError::into_inner);
            match output {
                Ok(output) if output.status.success() => println!("  {what} {}", paint(DIM, &took(started))),
                Ok(output) => {
                    println!("  {what} {}", paint(RED, "failed"));
                    let _ = std::io::stderr().write_all(&[output.stdout, output.stderr].concat());
                    failed.push(format!("{what}: {}\n  {}", output.status, shown(&command)));
                }
                Err(error) => failed.push(format!("{}: {error}", cannot_start(&command))),
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..at_once {
            scope.spawn(work);
        }
    });
    let failed = failed.into_inner().unwrap_or_else(PoisonError::into_inner);
    if failed.is_empty() { Ok(()) } else { bail!("{}", failed.join("\n")) }
}

/// A title above the steps of one part.
pub fn title(text: &str) {
    println!("\n{}", paint(BOLD, text));
}

/// Prints an error and its causes.
pub fn complain(error: &anyhow::Error) {
    let mut text = String::new();
    for cause in error.chain() {
        let _ = writeln!(text, "{cause}");
    }
    eprint!("\n{} {text}", paint(RED, "error:"));
}

fn took(started: Instant) -> String {
    format!("{:.1} s", started.elapsed().as_secs_f64())
}

fn cannot_start(command: &Command) -> String {
    format!("cannot start {}", command.get_program().display())
}

/// The command as a person would type it.
fn shown(command: &Command) -> String {
    let mut line = String::new();
    let folder = command.get_current_dir().and_then(|folder| folder.strip_prefix(root()).ok());
    if let Some(folder) = folder.filter(|folder| !folder.as_os_str().is_empty()) {
        let _ = write!(line, "cd {} && ", folder.display());
    }
    for (name, value) in command.get_envs() {
        if let Some(value) = value {
            let _ = write!(line, "{}={} ", name.display(), quoted(&value.to_string_lossy()));
        }
    }
    let program = Path::new(command.get_program());
    // The full path of cargo would only make the line longer.
    let cargo = program.file_stem().is_some_and(|stem| stem == "cargo");
    line.push_str(&if cargo { "cargo".to_owned() } else { quoted(&program.to_string_lossy()) });
    for argument in command.get_args() {
        let _ = write!(line, " {}", quoted(&argument.to_string_lossy()));
    }
    line
}

fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,@+".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

const BOLD: &str = "1";
const DIM: &str = "2";
const RED: &str = "31";

/// Adds a colour on a terminal, unless NO_COLOR is set.
fn paint(code: &str, text: &str) -> String {
    let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    if no_color || !std::io::stdout().is_terminal() {
        return text.to_owned();
    }
    format!("\x1b[{code}m{text}\x1b[0m")
}

fn flush() {
    let _ = std::io::stdout().flush();
}
