//! The code blocks of README and docs: each is compiled, parsed or compared with the commands that there are, by its language.
//!
//! A block of `ts` or `js` that begins with an import is a module of its own; one that does not continues the module before it. A block
//! without a language is no code. Words after the language are for the reader of the source.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use clap::CommandFactory as _;

use crate::{Verb, root, run, stamp, tools};

/// A fenced block of a page.
#[derive(Debug, PartialEq)]
struct Block<'a> {
    language: &'a str,
    /// The line of its first line of code, from 1.
    line: usize,
    code: String,
}

/// Languages that the compiler reads, and the endings of their modules.
const COMPILED: [(&str, &str); 3] = [("ts", "mts"), ("js", "mjs"), ("cts", "cts")];

/// Languages of data, which are parsed.
const DATA: [&str; 3] = ["json", "yaml", "toml"];

/// Checks every block of README.md and docs/ in `consumer`, the project of the tests.
pub fn check(consumer: &Path) -> Result<()> {
    let folder = consumer.join("types/documents");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let mut lines = Vec::new();
    for page in pages()? {
        let name = page.file_stem().context("a page has a name")?.to_string_lossy().into_owned();
        let text = fs::read_to_string(&page)?;
        let blocks = blocks(&text);
        for (language, ending) in COMPILED {
            for (at, module) in modules(&blocks, language).into_iter().enumerate() {
                fs::write(folder.join(format!("{name}-{}.{ending}", at + 1)), module)?;
            }
        }
        for Block { language, line, code } in blocks {
            let place = format!("{}:{line}", page.strip_prefix(root())?.display());
            match language {
                "" => {}
                "sh" => lines.push((place, code)),
                _ if DATA.contains(&language) => fs::write(folder.join(format!("{name}-{line}.{language}")), code)?,
                _ => {
                    let known = COMPILED.iter().any(|(name, _)| *name == language);
                    ensure!(known, "{place}: a block of `{language}`, which nothing checks; see xtask/src/blocks.rs");
                }
            }
        }
    }
    let project = consumer.join("types/tsconfig.documents.json");
    run::quiet("tsc: code of README and docs", tools::npm_bin("tsc").arg("--project").arg(project))?;
    run::quiet("data of README and docs", Command::new("node").current_dir(consumer).arg("types/data.mjs"))?;
    run::step("commands of README and docs", || commands(consumer, &lines))
}

fn pages() -> Result<Vec<PathBuf>> {
    let mut pages = stamp::files(&root().join("docs"))?;
    pages.retain(|file| file.extension().is_some_and(|ending| ending == "md"));
    pages.push(root().join("README.md"));
    Ok(pages)
}

fn blocks(markdown: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut open: Option<Block<'_>> = None;
    for (at, line) in markdown.lines().enumerate() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(info)) => {
                let language = info.split_whitespace().next().unwrap_or_default();
                open = Some(Block { language, line: at + 2, code: String::new() });
            }
            (Some(_), Some("")) => blocks.extend(open.take()),
            (Some(block), _) => {
                block.code.push_str(line);
                block.code.push('\n');
            }
            (None, None) => {}
        }
    }
    blocks
}

/// The modules of a language, each line of code in the line that it has on the page.
fn modules(blocks: &[Block<'_>], language: &str) -> Vec<String> {
    let mut modules: Vec<String> = Vec::new();
    for Block { line, code, .. } in blocks.iter().filter(|block| block.language == language) {
        if code.starts_with("import ") || modules.is_empty() {
            modules.push(String::new());
        }
        let Some(module) = modules.last_mut() else { continue };
        let missing = line.saturating_sub(module.matches('\n').count() + 1);
        module.push_str(&"\n".repeat(missing));
        module.push_str(code);
    }
    modules
}

/// Checks that shells read these blocks, and that their commands and options exist.
fn commands(consumer: &Path, blocks: &[(String, String)]) -> Result<()> {
    let mut help = BTreeMap::new();
    for (place, code) in blocks {
        let read = Command::new("sh").args(["-n", "-c", code]).output().context("no `sh`")?;
        ensure!(read.status.success(), "{place}: {}", String::from_utf8_lossy(&read.stderr));
        for line in code.lines() {
            check_line(line, &mut |verb| {
                let text = match help.get(verb) {
                    Some(text) => String::clone(text),
                    None => help_of(consumer, verb)?,
                };
                help.insert(verb.to_owned(), text.clone());
                Ok(text)
            })
            .with_context(|| place.clone())?;
        }
    }
    Ok(())
}

/// Checks the commands of a line: those of the package by the help of each, those of `cargo xtask` by their names.
fn check_line(line: &str, help: &mut dyn FnMut(&str) -> Result<String>) -> Result<()> {
    let line = line.split(" #").next().unwrap_or_default();
    for part in line.split(['|', ';', '&', '(']) {
        let words: Vec<_> = part.split_whitespace().collect();
        if let Some(at) = words.windows(2).position(|pair| pair == ["npx", "xero-m2m"]) {
            let own = words.get(at + 2..).unwrap_or_default();
            let own = own.split(|word| *word == "--").next().unwrap_or_default();
            let verb = own.first().filter(|word| !word.starts_with('-')).copied().unwrap_or_default();
            let text = help(verb)?;
            for option in own.iter().filter(|word| word.starts_with('-')) {
                let option = option.split('=').next().unwrap_or_default();
                let is_known = text.split([' ', ',', '\n', '[', '<']).any(|word| word == option);
                ensure!(is_known, "`xero-m2m {verb}` has no option {option}");
            }
        } else if let ["cargo", "xtask", verb, ..] = words.as_slice() {
            ensure!(Verb::command().find_subcommand(verb).is_some(), "there is no `cargo xtask {verb}`");
        }
    }
    Ok(())
}

/// The help of a command of the package.
fn help_of(consumer: &Path, verb: &str) -> Result<String> {
    let mut program = Command::new(tools::bin(consumer, "xero-m2m"));
    program.current_dir(consumer).env("NO_COLOR", "1").env("COLUMNS", "200");
    let output = program.args(Some(verb).filter(|verb| !verb.is_empty())).arg("--help").output()?;
    let text = String::from_utf8(output.stdout)?;
    ensure!(output.status.success() && text.contains(verb), "there is no `xero-m2m {verb}`");
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "# A\n\n```ts\nimport a from \"a\";\nuse(a);\n```\n\nText\n\n```\nno code\n```\n\n```ts more\nuse(a, 2);\n```\n```ts\nimport b from \"b\";\n```\n```js\nlet c;\n```\n";

    #[test]
    fn blocks_have_language_line_and_code() {
        let found: Vec<_> = blocks(PAGE).into_iter().map(|block| (block.language, block.line)).collect();
        assert_eq!(found, [("ts", 4), ("", 11), ("ts", 15), ("ts", 18), ("js", 21)]);
    }

    #[test]
    fn an_import_begins_a_module_and_lines_keep_their_numbers() {
        let modules = modules(&blocks(PAGE), "ts");
        let lines: Vec<Vec<_>> = modules.iter().map(|module| module.lines().collect()).collect();
        assert_eq!(lines.len(), 2);
        assert_eq!((lines[0][3], lines[0][14]), ("import a from \"a\";", "use(a, 2);"));
        assert_eq!(lines[1][17], "import b from \"b\";");
    }

    #[test]
    fn commands_and_options_that_do_not_exist_are_found() {
        let mut help = |verb: &str| {
            ensure!(verb == "plan", "none");
            Ok("--from <scopes>  text\n  -q, --quiet".to_owned())
        };
        for line in [
            "npx xero-m2m plan --from a -q src # --not",
            "x | npx xero-m2m plan -- --other",
            "cargo xtask test --quick",
        ] {
            assert!(check_line(line, &mut help).is_ok(), "{line}");
        }
        for line in
            ["npx xero-m2m plan --form a", "npx xero-m2m plam", "cargo xtask tests", "a && npx xero-m2m plan --x"]
        {
            assert!(check_line(line, &mut help).is_err(), "{line}");
        }
    }
}
