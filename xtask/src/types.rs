//! The types of Xero's APIs: from its OpenAPI files in pkg/types/specs to declarations in target/types.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::{consumer, root, run, stamp, tools};

/// The folder of the project that makes them.
const PROJECT: &str = "pkg/types";

/// The folder of the declarations.
pub fn folder() -> PathBuf {
    root().join("target/types")
}

/// Makes the declarations, a file for each API.
pub fn build() -> Result<()> {
    tools::npm_ci(PROJECT)?;
    let own = ["make.mjs", "correct.mjs", "compact.mjs", "tree.mjs", "package-lock.json", "specs"]
        .map(|name| root().join(PROJECT).join(name));
    // The catalogue has what the specifications leave out about pages of lists.
    let facts = ["operations.json", "apis.json"].map(|name| root().join("src/catalogue").join(name));
    let inputs = [&own[..], &facts[..]].concat();
    stamp::once("types", include_str!("types.rs"), &inputs, &[folder().join("accounting.d.cts")], || {
        let _ = std::fs::remove_dir_all(folder());
        let mut make = run::command("node");
        run::quiet("types of Xero's APIs", make.arg(root().join(PROJECT).join("make.mjs")).arg(folder())).map(drop)
    })
}

/// Copies the declarations, and the licence of the specifications, into a folder of the package.
pub fn copy_into(to: &Path) -> Result<()> {
    for file in stamp::files(&folder())? {
        consumer::copy(&file, &to.join(file.file_name().context("a file has a name")?))?;
    }
    consumer::copy(&root().join(PROJECT).join("specs/LICENSE"), &to.join("LICENSE.txt"))
}
