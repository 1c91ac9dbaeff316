//! The documents tell the truth about files: `tests/README.md` has a line for every test, and every path that a document
//! names exists.
#![cfg(test)]
#![cfg(not(target_arch = "wasm32"))]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The folders of tests, the ends of the names of tests in them, and files there that only share code.
const FOLDERS: [(&str, &[&str], &[&str]); 8] = [
    ("", &[".rs"], &[]),
    ("js/", &[".test.mjs"], &[]),
    ("page/", &[".test.mjs"], &[]),
    ("runtimes/", &[".test.mjs"], &[]),
    ("fleet/", &[".test.mjs", ".mts"], &[]),
    ("types/", &[".mts", ".cts"], &[]),
    ("fuzz/targets/", &[".rs"], &[]),
    ("bench/", &[".mjs"], &["measure.mjs", "one.mjs", "parts.mjs", "soak-server.mjs", "stub.mjs"]),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// The texts between backticks, outside of fenced blocks.
fn quoted(markdown: &str) -> impl Iterator<Item = &str> {
    let prose = markdown.split("\n```").step_by(2);
    prose.flat_map(|text| text.split('`').skip(1).step_by(2))
}

#[test]
fn every_test_file_has_a_line_that_says_what_it_proves() {
    let page = read("tests/README.md");
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `")?.split_once(" | "));
    let mut described = BTreeSet::new();
    for (files, proves) in rows.filter(|(files, _)| files.contains('.')) {
        assert!(proves.len() > 20, "{files} needs a sentence");
        described.extend(files.split(", ").map(|file| file.trim_matches('`').to_owned()));
    }
    let mut present = BTreeSet::new();
    for (folder, ends, shared) in FOLDERS {
        for entry in fs::read_dir(root().join("tests").join(folder)).expect("a folder of tests") {
            let name = entry.expect("an entry").file_name().into_string().expect("a name in UTF-8");
            if ends.iter().any(|end| name.ends_with(end)) && !shared.contains(&name.as_str()) {
                present.insert(format!("{folder}{name}"));
            }
        }
    }
    assert!(present.len() > 50, "tests were found");
    let undescribed: Vec<_> = present.difference(&described).collect();
    let absent: Vec<_> = described.difference(&present).collect();
    assert!(undescribed.is_empty(), "tests/README.md has no line for {undescribed:?}");
    assert!(absent.is_empty(), "tests/README.md has a line for {absent:?}, which do not exist");
}

#[test]
fn the_timelines_that_run_natively_alone_are_named() {
    let script = read("tests/js/vectors.test.mjs");
    let list = script.split_once("const NATIVE = [").and_then(|(_, rest)| rest.split_once("];")).expect("a list").0;
    let page = read("tests/README.md").replace('\n', " ");
    let names: Vec<_> = list.split('"').skip(1).step_by(2).collect();
    assert_eq!(
        names.len(),
        3,
        "a timeline of the lifecycle that no driver can report needs a reason in tests/README.md"
    );
    for name in names {
        assert!(page.contains(&format!("\"{name}\"")), "tests/README.md does not name {name}");
    }
}

/// Returns true if a path exists. In it, a `*` stands for any part of a file name.
fn exists(path: &str) -> bool {
    let Some((before, after)) = path.split_once('*') else { return root().join(path).exists() };
    let (folder, start) = before.rsplit_once('/').expect("a star in a file name");
    let Ok(mut entries) = fs::read_dir(root().join(folder)) else { return false };
    entries.any(|entry| {
        let name = entry.expect("an entry").file_name().into_string().expect("a name in UTF-8");
        name.starts_with(start) && name.ends_with(after)
    })
}

#[test]
fn every_path_that_a_document_names_exists() {
    const FOLDERS: [&str; 7] = ["src/", "pkg/src/", "tests/", "xtask/", "www/", "docs/", "examples/"];
    let mut documents: Vec<PathBuf> =
        ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "tests/README.md"].map(PathBuf::from).into();
    for entry in fs::read_dir(root().join("docs")).expect("docs/") {
        documents.push(Path::new("docs").join(entry.expect("an entry").file_name()));
    }
    let (mut named, mut missing) = (0, Vec::new());
    for document in documents {
        let text = read(document.to_str().expect("a name in UTF-8"));
        let links = text.split("](").skip(1).filter_map(|rest| rest.split_once(')').map(|(link, _)| link));
        for link in links.filter(|link| !link.starts_with("https:") && !link.starts_with('#')) {
            let (link, _) = link.split_once('#').unwrap_or((link, ""));
            let folder = root().join(&document);
            if !folder.parent().expect("a folder").join(link).exists() {
                missing.push(format!("{}: {link}", document.display()));
            }
        }
        for path in quoted(&text).filter(|text| FOLDERS.iter().any(|folder| text.starts_with(folder))) {
            // Generated by the build, so absent from a fresh clone.
            if path.contains(' ') || path.starts_with("pkg/src/glue") {
                continue;
            }
            named += 1;
            if !exists(path) {
                missing.push(format!("{}: {path}", document.display()));
            }
        }
    }
    assert_eq!(missing, [""; 0], "documents name paths that do not exist");
    assert!(named > 50, "paths were found");
}
