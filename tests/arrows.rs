//! Who may know whom: every path in `src`, outside of tests, that leads from one module of the crate to another, to
//! JavaScript, or to the world, is one that the tables below allow.
#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Each module of the crate, and the modules that it may name. `wasm` may name all.
const MAY_NAME: &[(&str, &[&str])] = &[
    ("time", &[]),
    ("secret", &[]),
    ("random", &[]),
    ("backoff", &[]),
    ("text", &["time"]),
    ("error", &["text", "time"]),
    ("retry_after", &["time"]),
    ("catalogue", &["text", "time"]),
    ("scope", &["catalogue", "error", "text", "time"]),
    ("request", &["catalogue", "error", "retry_after", "scope", "secret", "text", "time"]),
    ("token", &["backoff", "catalogue", "error", "random", "retry_after", "scope", "secret", "text", "time"]),
    ("connection", &["error", "limits", "request", "scope", "secret", "text", "time", "token"]),
    (
        "call",
        &[
            "backoff",
            "catalogue",
            "connection",
            "error",
            "limits",
            "random",
            "request",
            "scope",
            "secret",
            "text",
            "time",
            "token",
        ],
    ),
    ("resolve", &["catalogue", "error", "request", "scope", "time"]),
    ("limits", &["backoff", "error", "random", "retry_after", "text", "time"]),
    ("policy", &["catalogue", "error", "request", "resolve", "scope", "time"]),
    ("simulator", &["catalogue", "error", "random", "request", "scope", "secret", "time"]),
];

/// Crates, and the modules that may name them.
const CRATES: &[(&str, &[&str])] = &[
    ("wasm_bindgen", &["wasm"]),
    ("wasm_bindgen_futures", &["wasm"]),
    ("js_sys", &["wasm"]),
    ("web_sys", &["wasm"]),
    ("serde_wasm_bindgen", &["wasm"]),
    ("gloo_net", &["wasm"]),
    ("serde_json", &["simulator"]),
];

/// What of `std` nobody but `wasm` may name: clocks, the environment and I/O are the host's.
const WORLD: &[&str] = &["env", "fs", "io", "net", "os", "process", "thread", "time"];

#[test]
fn modules_name_only_those_they_may_know() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = String::new();
    for file in files(&src) {
        let text = fs::read_to_string(&file).unwrap();
        let relative = file.strip_prefix(&src).unwrap();
        for name in forbidden(&module_path(relative), &text) {
            writeln!(wrong, "src/{} names {name}", relative.display()).unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn every_module_is_in_the_table() {
    let lib = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).unwrap();
    let modules: BTreeSet<_> =
        lib.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    let listed: BTreeSet<_> = MAY_NAME.iter().map(|(module, _)| *module).chain(["wasm"]).collect();
    assert_eq!(modules.difference(&listed).collect::<Vec<_>>(), Vec::<&&str>::new());
}

#[test]
fn the_check_sees_what_it_must() {
    let seen = |module: &str, text: &str| forbidden(&[module.to_owned(), "inner".to_owned()], text);
    for (module, text, name) in [
        ("scope", "use crate::token::Machine;", "token"),
        ("scope", "use crate::{time::Date, token::{self, Machine}};", "token"),
        ("scope", "fn f() { let _ = super::super::token::Machine; }", "token"),
        ("scope", "mod deeper { use super::super::super::token; }", "token"),
        ("token", "use wasm_bindgen::prelude::*;", "wasm_bindgen"),
        ("token", "fn f(_: &js_sys::Object) {}", "js_sys"),
        ("token", "use std::{fmt, time::Instant};", "std::time"),
        ("token", "fn f() -> u64 { std::process::id().into() }", "std::process"),
        ("limits", "fn f(_: &'static str, c: char) { let _ = ('\"', crate::token::X, '\"'); }", "token"),
        ("token", "use serde_json::Value; #[cfg(test)] mod tests { use std::fs; }", "serde_json"),
    ] {
        assert_eq!(seen(module, text), BTreeSet::from([name.to_owned()]), "{module}: {text}");
    }
    for (module, text) in [
        ("scope", "use crate::catalogue::{Mask, time::token}; // crate::token"),
        ("scope", "/* crate::token /* */ crate::token */ const T: &str = r#\"crate::token \" js_sys\"#;"),
        ("scope", "use super::token; use core::time::Duration;"),
        ("scope", "#[cfg(test)]\nmod tests { use crate::token::X; fn f() { {} } }"),
        ("wasm", "use crate::token::Machine; use wasm_bindgen::JsValue; use js_sys::Date;"),
    ] {
        assert_eq!(seen(module, text), BTreeSet::new(), "{module}: {text}");
    }
}

/// On servers, Rust futures can hang a request and gloo-net can kill the process: what npm publishes has neither.
#[test]
fn what_npm_publishes_links_no_async_client() {
    const ASYNC: [&str; 3] = ["gloo-net", "wasm-bindgen-futures", "web-sys"];
    let linked = |features: &str| -> Vec<String> {
        let mut tree = Command::new(env!("CARGO"));
        tree.current_dir(env!("CARGO_MANIFEST_DIR")).args(["tree", "--edges", "normal", "--prefix", "none"]);
        tree.args(["--target", "wasm32-unknown-unknown", "--format", "{p}", "--features", features]);
        let output = tree.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let names = String::from_utf8(output.stdout).unwrap();
        let names: BTreeSet<_> = names.lines().filter_map(|line| line.split(' ').next()).collect();
        ASYNC.into_iter().filter(|name| names.contains(name)).map(str::to_owned).collect()
    };
    assert_eq!(linked("wasm,wasm-simulator"), Vec::<String>::new());
    assert_eq!(linked("gloo"), ASYNC);
}

/// What `text`, a file of the module at `path`, names although it may not.
fn forbidden(path: &[String], text: &str) -> BTreeSet<String> {
    let Some(module) = path.first().filter(|module| *module != "wasm") else { return BTreeSet::new() };
    let (_, may_name) = MAY_NAME.iter().find(|(name, _)| name == module).unwrap_or(&("", &[]));
    let mut names = BTreeSet::new();
    for name in roots(path, &tokens(text)) {
        let outside = match name.split_once("::") {
            Some((_, part)) => WORLD.contains(&part),
            None => match CRATES.iter().find(|(krate, _)| *krate == name) {
                Some((_, users)) => !users.contains(&module.as_str()),
                None => known(&name) && name != *module && !may_name.contains(&name.as_str()),
            },
        };
        if outside {
            names.insert(name);
        }
    }
    names
}

fn known(name: &str) -> bool {
    name == "wasm" || MAY_NAME.iter().any(|(module, _)| *module == name)
}

/// The modules of the crate, the crates of the table and the parts of `std` that the paths in `tokens` lead to.
fn roots(path: &[String], tokens: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    // The inline modules we are in, each with the depth of its braces.
    let mut inline: Vec<usize> = Vec::new();
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let rest = &tokens[at..];
        match token.as_str() {
            "#" if starts(rest, &["#", "[", "cfg", "(", "test", ")", "]", "mod"]) => at += end_of_item(rest) - 1,
            "mod" if rest.get(2).is_some_and(|next| next == "{") => inline.push(depth),
            "{" => depth += 1,
            "}" => {
                depth = depth.saturating_sub(1);
                inline.pop_if(|opened| *opened == depth);
            }
            "crate" => found.extend(first_names(&rest[1..])),
            "super" if at == 0 || tokens[at - 1] != "::" => {
                let supers = rest.chunks(2).take_while(|pair| starts(pair, &["super", "::"])).count();
                if supers == path.len() + inline.len() {
                    found.extend(first_names(&rest[2 * supers - 1..]));
                }
            }
            "std" => found.extend(first_names(&rest[1..]).iter().map(|part| format!("std::{part}"))),
            name if CRATES.iter().any(|(krate, _)| *krate == name) => found.push(name.to_owned()),
            _ => {}
        }
        at += 1;
    }
    found
}

/// The names right after `::`, of a group all its members.
fn first_names(tokens: &[String]) -> Vec<String> {
    if !starts(tokens, &["::"]) {
        return Vec::new();
    }
    if !starts(&tokens[1..], &["{"]) {
        return tokens.get(1).cloned().into_iter().collect();
    }
    let mut names = Vec::new();
    let mut depth = 0;
    let mut first = true;
    for token in &tokens[1..] {
        match token.as_str() {
            "{" => depth += 1,
            "}" => depth -= 1,
            "," => first = first || depth == 1,
            name if depth == 1 && first => {
                names.push(name.to_owned());
                first = false;
            }
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    names
}

/// How many tokens there are up to the end of the item: its semicolon or its closing brace.
fn end_of_item(tokens: &[String]) -> usize {
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate() {
        match token.as_str() {
            "{" => depth += 1,
            "}" => depth -= 1,
            _ => {}
        }
        if depth == 0 && (token == ";" || token == "}") {
            return at + 1;
        }
    }
    tokens.len()
}

fn starts(tokens: &[String], with: &[&str]) -> bool {
    tokens.len() >= with.len() && tokens.iter().zip(with).all(|(token, with)| token == with)
}

/// Rust as words, `::` and single marks, without comments, texts and characters.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let word = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        let raw = rest.strip_prefix('r').filter(|raw| raw.trim_start_matches('#').starts_with('"'));
        let length = if let Some(raw) = raw {
            let end = format!("\"{}", "#".repeat(raw.len() - raw.trim_start_matches('#').len()));
            let open = 1 + end.len();
            rest[open..].find(&end).map_or(rest.len(), |at| open + at + end.len())
        } else if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            comment(rest)
        } else if first == '"' {
            quoted(rest, '"')
        } else if first == '\'' && (rest.starts_with("'\\") || rest.chars().nth(2) == Some('\'')) {
            quoted(rest, '\'')
        } else if rest.starts_with("::") {
            tokens.push("::".to_owned());
            2
        } else if word > 0 {
            tokens.push(rest[..word].to_owned());
            word
        } else {
            if !first.is_whitespace() {
                tokens.push(first.to_string());
            }
            first.len_utf8()
        };
        rest = &rest[length..];
    }
    tokens
}

/// The length of the comment that `text` starts with, those inside it included.
fn comment(text: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let (step, change) = match rest {
            _ if rest.starts_with("/*") => (2, 1),
            _ if rest.starts_with("*/") => (2, -1),
            _ => (rest.chars().next().map_or(1, char::len_utf8), 0),
        };
        at += step;
        depth += change;
        if depth == 0 {
            break;
        }
    }
    at
}

/// The length of the literal that `text` starts with.
fn quoted(text: &str, mark: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == mark => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// `token/machine.rs` is the module `token::machine`, `token/mod.rs` is `token`, `lib.rs` the crate itself.
fn module_path(file: &Path) -> Vec<String> {
    let path = file.with_extension("");
    let mut path: Vec<String> = path.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    path.pop_if(|last| last == "mod" || last == "lib");
    path
}

/// Every Rust file below `folder`, except those that only tests compile.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") && !only_for_tests(&path) {
            found.push(path);
        }
    }
    found
}

/// Whether the module above declares this file as `#[cfg(test)] mod NAME;`.
fn only_for_tests(file: &Path) -> bool {
    let (Some(folder), Some(name)) = (file.parent(), file.file_stem()) else { return false };
    let beside = folder.with_extension("rs");
    let above = [folder.join("mod.rs"), folder.join("lib.rs"), beside];
    let declared = ["#", "[", "cfg", "(", "test", ")", "]", "mod", &name.to_string_lossy(), ";"];
    above.iter().filter_map(|file| fs::read_to_string(file).ok()).any(|text| {
        let tokens = tokens(&text);
        (0..tokens.len()).any(|at| starts(&tokens[at..], &declared))
    })
}
