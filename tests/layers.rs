//! Arrows between the modules of the crate: every path in `src`, outside of tests, that leads from one module to another,
//! to JavaScript, or to the world, is one that the tables below allow. `layers_typescript.rs` does the same for `pkg/src`
//! and `www/src`.
#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// Each module of the crate, and the modules that it may name. `wasm` may name all.
const MAY_NAME: &[(&str, &[&str])] = &[
    ("time", &[]),
    ("secret", &[]),
    ("random", &[]),
    ("backoff", &[]),
    ("base64", &[]),
    ("text", &["time"]),
    ("uuid", &[]),
    ("unsent", &[]),
    ("error", &["text", "time"]),
    ("created", &["error", "text", "time"]),
    ("retry_after", &["time"]),
    ("crossing", &["error", "time"]),
    ("catalogue", &["text", "time"]),
    ("scope", &["catalogue", "error", "text", "time"]),
    ("request", &["base64", "catalogue", "error", "retry_after", "scope", "secret", "text", "time"]),
    ("token", &["backoff", "base64", "catalogue", "error", "random", "retry_after", "scope", "secret", "text", "time"]),
    ("connection", &["error", "limits", "request", "scope", "secret", "text", "time", "token", "uuid"]),
    (
        "call",
        &[
            "backoff",
            "catalogue",
            "connection",
            "created",
            "crossing",
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
    (
        "shared",
        &["backoff", "crossing", "error", "random", "request", "scope", "secret", "text", "time", "token", "unsent"],
    ),
    ("resolve", &["catalogue", "error", "request", "scope", "time"]),
    ("fleet", &["backoff", "crossing", "error", "limits", "random", "secret", "text", "time"]),
    ("kind", &["error", "text", "uuid"]),
    ("limits", &["backoff", "crossing", "error", "random", "retry_after", "text", "time"]),
    ("policy", &["catalogue", "error", "request", "resolve", "scope", "time"]),
    ("verify", &["catalogue", "error", "policy", "request", "scope", "text", "time"]),
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
    ("sha2", &["simulator"]),
    ("signature", &["simulator"]),
    ("x509_cert", &["simulator"]),
];

/// The parts of `std` that only `wasm` may name: clocks, the environment and I/O are the host's.
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
fn every_type_has_a_name_of_its_own() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in files(&src) {
        let mut names = Vec::new();
        types(fs::read_to_string(&file).unwrap().parse().unwrap(), true, &mut names);
        for name in names {
            places.entry(name).or_default().push(file.strip_prefix(&src).unwrap().display().to_string());
        }
    }
    assert!(places.len() > 300, "types were found");
    places.retain(|_, places| places.len() > 1);
    assert!(places.is_empty(), "one word, one thing: {places:#?}");
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

/// The names in `text`, a file of the module at `path`, that this module may not use.
fn forbidden(path: &[String], text: &str) -> BTreeSet<String> {
    let Some(module) = path.first().filter(|module| *module != "wasm") else { return BTreeSet::new() };
    let (_, may_name) = MAY_NAME.iter().find(|(name, _)| name == module).unwrap_or(&("", &[]));
    let is_outside = |name: &String| match name.split_once("::") {
        Some((_, part)) => WORLD.contains(&part),
        None => match CRATES.iter().find(|(krate, _)| krate == name) {
            Some((_, users)) => !users.contains(&module.as_str()),
            None => is_module(name) && name != module && !may_name.contains(&name.as_str()),
        },
    };
    let mut names = BTreeSet::new();
    roots(path.len(), text.parse().unwrap(), &mut names);
    names.into_iter().filter(is_outside).collect()
}

fn is_module(name: &str) -> bool {
    name == "wasm" || MAY_NAME.iter().any(|(module, _)| *module == name)
}

/// Collects the modules of the crate, the crates of the table and the parts of `std` that the paths in `code` lead to.
/// `depth` is the number of modules around the code.
fn roots(depth: usize, code: TokenStream, found: &mut BTreeSet<String>) {
    let tokens: Vec<_> = code.into_iter().collect();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let rest = &tokens[at + 1..];
        match token {
            TokenTree::Punct(mark) if mark.as_char() == '#' && starts(rest, &["[cfg(test)]", "mod"]) => {
                at += rest.iter().take_while(|token| !ends_item(token)).count() + 1;
            }
            TokenTree::Group(group) => roots(depth, group.stream(), found),
            TokenTree::Ident(name) => match name.to_string().as_str() {
                "mod" => {
                    if let Some(TokenTree::Group(inline)) = rest.get(1) {
                        roots(depth + 1, inline.stream(), found);
                        at += 2;
                    }
                }
                "crate" => found.extend(first_names(rest)),
                "super" => {
                    let steps = rest.chunks(3).take_while(|step| starts(step, &[":", ":", "super"])).count();
                    if steps + 1 == depth {
                        found.extend(first_names(&rest[3 * steps..]));
                    }
                    at += 3 * steps;
                }
                "std" => found.extend(first_names(rest).iter().map(|part| format!("std::{part}"))),
                name if CRATES.iter().any(|(krate, _)| *krate == name) => {
                    found.insert(name.to_owned());
                }
                _ => {}
            },
            _ => {}
        }
        at += 1;
    }
}

/// The names right after `::`, of a group all its members.
fn first_names(tokens: &[TokenTree]) -> Vec<String> {
    match tokens {
        [colon, _, TokenTree::Group(group), ..] if text_of(colon) == ":" => {
            let members: Vec<_> = group.stream().into_iter().collect();
            members.split(|token| text_of(token) == ",").filter_map(|member| member.first().map(text_of)).collect()
        }
        [colon, _, name, ..] if text_of(colon) == ":" => vec![text_of(name)],
        _ => Vec::new(),
    }
}

/// Collects the names of the types and traits that `code` defines outside of tests.
fn types(code: TokenStream, is_module: bool, found: &mut Vec<String>) {
    let tokens: Vec<_> = code.into_iter().collect();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let rest = &tokens[at + 1..];
        match token {
            TokenTree::Punct(mark) if mark.as_char() == '#' && starts(rest, &["[cfg(test)]", "mod"]) => {
                at += rest.iter().take_while(|token| !ends_item(token)).count() + 1;
            }
            TokenTree::Group(group) => types(group.stream(), false, found),
            TokenTree::Ident(word) => {
                let word = word.to_string();
                match rest {
                    [TokenTree::Ident(_), TokenTree::Group(inline), ..] if word == "mod" => {
                        types(inline.stream(), true, found);
                        at += 2;
                    }
                    // A `type` elsewhere belongs to a trait.
                    [TokenTree::Ident(name), ..]
                        if matches!(word.as_str(), "struct" | "enum" | "trait") || is_module && word == "type" =>
                    {
                        found.push(name.to_string());
                    }
                    _ => {}
                }
            }
            _ => {}
        }
        at += 1;
    }
}

fn ends_item(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace) || text_of(token) == ";"
}

fn starts(tokens: &[TokenTree], with: &[&str]) -> bool {
    tokens.len() >= with.len() && tokens.iter().zip(with).all(|(token, with)| text_of(token) == *with)
}

fn text_of(token: &TokenTree) -> String {
    token.to_string().replace(' ', "")
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

/// True if the module above declares this file as `#[cfg(test)] mod NAME;`.
fn only_for_tests(file: &Path) -> bool {
    let (Some(folder), Some(name)) = (file.parent(), file.file_stem()) else { return false };
    let above = [folder.join("mod.rs"), folder.join("lib.rs"), folder.with_extension("rs")];
    let declared = ["#", "[cfg(test)]", "mod", &name.to_string_lossy(), ";"];
    above.iter().filter_map(|file| fs::read_to_string(file).ok()).any(|text| {
        let tokens: Vec<_> = text.parse::<TokenStream>().unwrap().into_iter().collect();
        tokens.windows(declared.len()).any(|window| starts(window, &declared))
    })
}
