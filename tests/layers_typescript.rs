//! Arrows between the folders of `pkg/src`, and between the files of the page in `www/src`: every import is one that the
//! tables below allow, and no files import each other in a circle.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Component, Path, PathBuf};

/// A tree of TypeScript files.
struct Tree {
    folder: &'static str,
    /// Each part of the tree, a folder or a file without its ending, and the parts that it may import besides itself.
    /// A file belongs to the longest entry that its path begins with; `""` has the rest.
    parts: &'static [(&'static str, &'static [&'static str])],
    /// Packages, and the parts that may import them.
    packages: &'static [(&'static str, &'static [&'static str])],
    /// The same for imports of types alone.
    types: &'static [(&'static str, &'static [&'static str])],
}

/// The package: entries stand on the client, the policy and the simulator, and these on `shared`. The doctor, the
/// bridge to OpenTelemetry and the program use the package by its name, as its users do.
const PACKAGE: Tree = Tree {
    folder: "pkg/src",
    parts: &[
        ("entry", &["client", "policy", "user", "vault", "simulator", "shared", "glue"]),
        ("client", &["shared", "glue/core", "vault/store"]),
        ("policy", &["shared", "glue/policy"]),
        (
            "vault",
            &[
                "shared",
                "client/ending",
                "client/events",
                "client/lifetime",
                "client/options",
                "client/received",
                "client/source",
            ],
        ),
        ("simulator", &["shared", "glue/simulator"]),
        ("dates", &[]),
        ("doctor", &["shared"]),
        ("opentelemetry", &[]),
        ("user", &["shared", "client/request", "client/source", "client/typed", "vault"]),
        ("app", &["shared"]),
        ("webhook", &[]),
        // Loaded before a program, and by itself.
        ("record", &["shared"]),
        ("cli", &[]),
        ("shared", &[]),
    ],
    packages: &[
        ("xero-m2m", &["doctor", "opentelemetry", "user", "app"]),
        ("xero-m2m/policy", &["doctor", "cli"]),
        // The stores bring it for a fleet.
        ("xero-m2m/user", &["app", "cli", "doctor", "vault/fleet-loader"]),
        ("xero-m2m/file", &["cli"]),
        ("xero-m2m/postgres", &["cli"]),
        ("xero-m2m/redis", &["cli"]),
        ("xero-m2m/shared", &["cli"]),
        ("xero-m2m/simulator", &["cli"]),
        // The client's entries for servers load it for a diagnosis.
        ("xero-m2m/doctor", &["cli", "entry/index", "entry/require"]),
        ("@opentelemetry/api", &["opentelemetry"]),
        ("node:http", &["cli", "entry/simulator", "entry/simulator-require"]),
        ("node:https", &["cli", "entry/simulator", "entry/simulator-require"]),
        // An entry for `require` reads its module from its file.
        ("node:child_process", &["cli", "record/children"]),
        ("node:crypto", &["cli", "entry/simulator", "entry/simulator-require"]),
        ("node:diagnostics_channel", &["record/channels"]),
        ("node:events", &["cli"]),
        ("node:http2", &["record/http2"]),
        ("node:module", &["cli", "record/children", "record/http2"]),
        ("node:timers", &["record/recording"]),
        ("node:tls", &["cli"]),
        ("node:worker_threads", &["record/recording"]),
        ("node:os", &["cli", "record/signals"]),
        ("node:readline", &["cli"]),
        ("node:stream", &["cli"]),
        (
            "node:fs",
            &[
                "cli",
                "record/core",
                "record/recording",
                "entry/require",
                "entry/policy-require",
                "entry/user-require",
                "entry/simulator-require",
            ],
        ),
        ("node:fs/promises", &["cli", "vault/file"]),
        ("node:net", &["cli"]),
        (
            "node:path",
            &[
                "cli",
                "entry/require",
                "entry/policy-require",
                "entry/user-require",
                "entry/simulator-require",
                "vault/file",
                "record/core",
                "record/recording",
            ],
        ),
        ("node:url", &["cli"]),
        ("node:zlib", &["cli", "record/core"]),
        ("commander", &["cli"]),
        // Where the platform has no decompressor.
        ("fflate", &["shared/bytes"]),
        ("picocolors", &["cli"]),
        ("string-width", &["cli"]),
    ],
    types: &[
        ("node:crypto", &["simulator"]),
        ("node:http", &["simulator"]),
        ("node:https", &["simulator"]),
        ("node:stream", &["simulator"]),
        ("node:tls", &["simulator"]),
        ("sarif", &["cli"]),
    ],
};

/// The page: `main` has the form and the views, `worker` alone the library. A view knows nothing of either.
const PAGE: Tree = Tree {
    folder: "www/src",
    parts: &[
        ("main", &["", "protocol", "view", "worker-client"]),
        ("view", &["", "protocol"]),
        ("worker", &["answer", "protocol"]),
        ("answer", &["gathered", "protocol"]),
        ("gathered", &["protocol"]),
        ("worker-client", &["protocol"]),
        ("protocol", &[]),
        ("", &["protocol"]),
    ],
    packages: &[("xero-m2m/policy", &["worker", "answer", "gathered"])],
    types: &[("xero-m2m/policy", &["", "view", "protocol", "worker-client"])],
};

#[test]
fn every_import_is_one_that_the_tables_allow() {
    let mut wrong = String::new();
    for tree in [PACKAGE, PAGE] {
        for (file, text) in tree.files() {
            for import in imports(&text).filter(|import| !tree.allows(&file, import)) {
                writeln!(wrong, "{}/{file} imports {}", tree.folder, import.from).unwrap();
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    for tree in [PACKAGE, PAGE] {
        let files = tree.files();
        let targets = |(file, text): (&String, &String)| {
            let targets = imports(text).filter_map(|import| target(file, import.from));
            (file.clone(), targets.collect::<BTreeSet<_>>())
        };
        let mut left: BTreeMap<_, _> = files.iter().map(targets).collect();
        // A file that imports none of those that are left is in no circle.
        while let Some(free) = left.iter().find(|(_, to)| to.iter().all(|to| !left.contains_key(to))) {
            let free = free.0.clone();
            left.remove(&free);
        }
        assert!(left.is_empty(), "in a circle, or before one, in {}: {:?}", tree.folder, left.keys());
    }
}

#[test]
fn the_check_sees_what_it_must() {
    let seen = |tree: &Tree, file: &str, text: &str| -> Vec<String> {
        imports(text).filter(|import| !tree.allows(file, import)).map(|import| import.from.to_owned()).collect()
    };
    for (tree, file, text, from) in [
        (&PACKAGE, "client/store", "import { a } from \"../policy/policy.js\";", "../policy/policy.js"),
        (&PACKAGE, "shared/guard", "import {\n  type A,\n  b,\n} from \"../client/core.js\";", "../client/core.js"),
        (&PACKAGE, "policy/policy", "import type { A } from \"../entry/index.js\";", "../entry/index.js"),
        (&PACKAGE, "client/core", "export * from \"../glue/policy.js\";", "../glue/policy.js"),
        (&PACKAGE, "client/core", "let load: typeof import(\"xero-m2m/doctor\");", "xero-m2m/doctor"),
        (&PACKAGE, "cli/main", "import \"../client/core.js\";", "../client/core.js"),
        (&PACKAGE, "simulator/simulator", "import { createServer } from \"node:http\";", "node:http"),
        (&PAGE, "view/plan", "import { review } from \"xero-m2m/policy\";", "xero-m2m/policy"),
        (&PAGE, "dom", "import { a } from \"./view/plan.js\";", "./view/plan.js"),
        (&PAGE, "worker", "import { h } from \"./dom.js\";", "./dom.js"),
    ] {
        assert_eq!(seen(tree, file, text), [from], "{file}: {text}");
    }
    for (tree, file, text) in [
        (&PACKAGE, "client/store", "import { a } from \"./core.js\";\nimport * as core from \"../glue/core.js\";"),
        (&PACKAGE, "client/store", "/**\n * import { a } from \"../policy/policy.js\";\n */\n// import(\"a\")"),
        (&PACKAGE, "simulator/simulator", "let http: () => Promise<typeof import(\"node:http\")>;"),
        (&PAGE, "view/plan", "import type {\n  Plan,\n} from \"xero-m2m/policy\";"),
    ] {
        assert_eq!(seen(tree, file, text), Vec::<String>::new(), "{file}: {text}");
    }
}

impl Tree {
    /// The text of every file, by its path without ending. Generated glue and declarations are left out.
    fn files(&self) -> BTreeMap<String, String> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(self.folder);
        let mut found = BTreeMap::new();
        collect(&root, &root, &mut found);
        assert!(found.len() > 10, "{} has {} files", self.folder, found.len());
        found
    }

    fn allows(&self, file: &str, import: &Import) -> bool {
        let Some(part) = part_of(self.parts.iter().map(|(part, _)| *part), file) else { return false };
        if !import.from.starts_with('.') {
            let is_in = |table: &[(&str, &[&str])]| {
                let users = table.iter().find(|(package, _)| *package == import.from).map(|(_, users)| *users);
                users.is_some_and(|users| users.iter().any(|user| *user == part || *user == file))
            };
            return is_in(self.packages) || import.is_type && is_in(self.types);
        }
        let Some(to) = target(file, import.from) else { return file.starts_with("entry/") };
        let (_, may) = self.parts.iter().find(|(name, _)| *name == part).unwrap();
        let known = self.parts.iter().map(|(part, _)| *part).chain(may.iter().copied());
        part_of(known, &to).is_some_and(|to| to == part || may.contains(&to))
    }
}

/// The longest of `parts` that the path is or lies in.
fn part_of<'a>(parts: impl Iterator<Item = &'a str>, path: &str) -> Option<&'a str> {
    let has = |part: &&str| {
        let rest = path.strip_prefix(part);
        rest.is_some_and(|rest| part.is_empty() || rest.is_empty() || rest.starts_with('/'))
    };
    parts.filter(has).max_by_key(|part| part.len())
}

/// An import.
struct Import<'a> {
    from: &'a str,
    is_type: bool,
}

/// The imports of a file: statements, which begin at the start of a line, and `import("…")` outside of comments.
fn imports(text: &str) -> impl Iterator<Item = Import<'_>> {
    let mut is_type = false;
    text.lines().filter(|line| !line.trim_start().starts_with(['*', '/'])).filter_map(move |line| {
        if let Some((before, rest)) = line.split_once("import(\"") {
            return Some(Import { from: rest.split('"').next()?, is_type: before.ends_with("typeof ") });
        }
        let is_statement = line.starts_with("import ") || line.starts_with("export ");
        if is_statement {
            is_type = line.starts_with("import type ") || line.starts_with("export type ");
        }
        let (_, rest) = line.split_once(" from \"").or_else(|| line.split_once("import \""))?;
        let import = Import { from: rest.split('"').next()?, is_type };
        Some(import).filter(|_| is_statement || line.starts_with('}'))
    })
}

/// The file, without ending, that a relative import in `file` leads to; none if it is no TypeScript, such as wasm.
fn target(file: &str, from: &str) -> Option<String> {
    let from = from.strip_suffix(".js").filter(|from| from.starts_with('.'))?;
    let mut path = PathBuf::from(file);
    path.pop();
    for component in Path::new(from).components() {
        match component {
            Component::ParentDir => {
                path.pop();
            }
            Component::Normal(name) => path.push(name),
            _ => {}
        }
    }
    Some(path.to_str()?.to_owned())
}

fn collect(root: &Path, folder: &Path, found: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
        if path.is_dir() && name != "glue" {
            collect(root, &path, found);
        } else if let Some(name) = name.strip_suffix(".ts").filter(|name| Path::new(name).extension().is_none()) {
            found.insert(name.to_owned(), fs::read_to_string(&path).unwrap());
        }
    }
}

/// What crosses to and from a module has types, in both directions.
#[test]
fn the_exports_of_the_modules_are_typed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/wasm");
    let (mut found, mut untyped) = (0, String::new());
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let Ok(text) = fs::read_to_string(&path) else { continue };
        for (at, _) in text.match_indices("\npub fn ") {
            let (before, after) = text.split_at(at);
            let attribute = before.lines().next_back().unwrap();
            if !attribute.starts_with("#[wasm_bindgen") {
                continue;
            }
            let signature = after.split(" {\n").next().unwrap();
            let is_typed = signature.matches(": JsValue").count() == signature.matches("unchecked_param_type").count()
                && (!signature.contains("-> JsValue") || attribute.contains("unchecked_return_type"));
            found += 1;
            if !is_typed {
                writeln!(untyped, "{}:{}", path.display(), signature.lines().nth(1).unwrap()).unwrap();
            }
        }
    }
    assert!(found > 30, "exports were found: {found}");
    assert!(untyped.is_empty(), "the declarations of these have `any`:\n{untyped}");
}
