//! Skips steps whose inputs have not changed since they last succeeded.

use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::{root, run};

/// Does `work` unless it succeeded before with the same `recipe` and `inputs` (files or folders) and all `outputs` are
/// still there. The recipe is the source of the work, or a word where the work is too plain to change.
pub fn once(
    name: &str,
    recipe: &str,
    inputs: &[PathBuf],
    outputs: &[PathBuf],
    work: impl FnOnce() -> Result<()>,
) -> Result<()> {
    let file = root().join("target/stamps").join(name.replace(['/', ' '], "-"));
    let now = digest(recipe, inputs)?;
    if outputs.iter().all(|output| output.exists()) && fs::read_to_string(&file).is_ok_and(|then| then == now) {
        run::unchanged(name);
        return Ok(());
    }
    // A step that fails half-way must not look done.
    let _ = fs::remove_file(&file);
    work()?;
    fs::create_dir_all(root().join("target/stamps"))?;
    fs::write(&file, now).with_context(|| format!("cannot write {}", file.display()))
}

fn digest(recipe: &str, inputs: &[PathBuf]) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    recipe.hash(&mut hasher);
    for input in inputs {
        for file in files(input)? {
            file.hash(&mut hasher);
            fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?.hash(&mut hasher);
        }
    }
    Ok(format!("{:016x}", hasher.finish()))
}

/// The files of a folder and those below it, sorted; or the one file.
pub fn files(path: &Path) -> Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let entries = fs::read_dir(path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut entries = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    entries.sort();
    let mut all = Vec::new();
    for entry in entries {
        all.extend(files(&entry)?);
    }
    Ok(all)
}
