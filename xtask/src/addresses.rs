//! The public addresses of the project. `pkg/addresses.json` is the only place that has them; it is empty until they are known.
//!
//! Fields of `pkg/package.json` are generated from it. In the documents, the text between `<!-- repository -->` and
//! `<!-- /repository -->` is about files that are only in the repository: it is packed only if the address is known.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use serde::Deserialize;

const FILE: &str = "pkg/addresses.json";
const MANIFEST: &str = "pkg/package.json";
const OPEN: &str = "<!-- repository -->";
const CLOSE: &str = "<!-- /repository -->";

/// Addresses, each `https://…`; an address that is not known is absent.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Addresses {
    pub repository: Option<String>,
    pub homepage: Option<String>,
    pub bugs: Option<String>,
}

impl Addresses {
    pub fn read(root: &Path) -> Result<Self> {
        let text = fs::read_to_string(root.join(FILE)).with_context(|| format!("cannot read {FILE}"))?;
        let addresses: Self = serde_json::from_str(&text).context(FILE)?;
        for (name, address) in addresses.all() {
            let fits = address.is_none_or(|address| address.starts_with("https://") && !address.ends_with('/'));
            ensure!(fits, "{FILE}: {name} is not `https://…` without a slash at the end");
        }
        Ok(addresses)
    }

    fn all(&self) -> [(&'static str, Option<&str>); 3] {
        let Self { repository, homepage, bugs } = self;
        [("repository", repository.as_deref()), ("homepage", homepage.as_deref()), ("bugs", bugs.as_deref())]
    }

    /// Fails if one is not known.
    pub fn are_known(&self) -> Result<()> {
        let missing: Vec<_> = self.all().into_iter().filter(|(_, address)| address.is_none()).collect();
        let names: Vec<_> = missing.iter().map(|(name, _)| *name).collect();
        ensure!(names.is_empty(), "{FILE} has no {}", names.join(", "));
        Ok(())
    }

    /// The manifest with its fields for these addresses, and no others.
    fn manifest(&self, text: &str) -> Result<String> {
        let is_own = |line: &str| self.all().iter().any(|(name, _)| line.starts_with(&format!("  \"{name}\":")));
        let mut out = String::new();
        for line in text.lines().filter(|line| !is_own(line)) {
            writeln!(out, "{line}")?;
            if line.starts_with("  \"license\":") {
                for (name, address) in self.all() {
                    let Some(address) = address else { continue };
                    let value = match name {
                        "repository" => format!("{{ \"type\": \"git\", \"url\": \"git+{address}.git\" }}"),
                        _ => format!("\"{address}\""),
                    };
                    writeln!(out, "  \"{name}\": {value},")?;
                }
            }
        }
        Ok(out)
    }

    /// Returns a document as it is packed. As long as the address of the repository is not known, the text about files of the
    /// repository is left out; then it has links that lead there.
    pub fn packed(&self, text: &str, version: &str) -> Result<String> {
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, behind)) = rest.split_once(OPEN) {
            let (inside, after) = behind.split_once(CLOSE).with_context(|| format!("{OPEN} without {CLOSE}"))?;
            out.push_str(before);
            if let Some(repository) = &self.repository {
                out.push_str(
                    &inside
                        .replace("](http", "\0")
                        .replace("](", &format!("]({repository}/blob/v{version}/"))
                        .replace('\0', "](http"),
                );
            }
            // A block on lines of its own leaves no empty line behind.
            rest = match () {
                () if before.ends_with("\n\n") => after.trim_start_matches('\n'),
                () if before.ends_with('\n') => after.strip_prefix('\n').unwrap_or(after),
                () => after,
            };
        }
        ensure!(!rest.contains(CLOSE), "{CLOSE} without {OPEN}");
        out.push_str(rest);
        Ok(out)
    }
}

/// Writes the fields of the manifest, or with `check` compares them with those that are there.
pub fn run(root: &Path, check: bool) -> Result<()> {
    let file = root.join(MANIFEST);
    let found = fs::read_to_string(&file).with_context(|| format!("cannot read {MANIFEST}"))?;
    let text = Addresses::read(root)?.manifest(&found)?;
    if text == found {
        return Ok(());
    }
    if check {
        bail!("{MANIFEST} does not have the addresses of {FILE}; run `cargo xtask generate`");
    }
    fs::write(&file, text).with_context(|| format!("cannot write {MANIFEST}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: Addresses = Addresses { repository: None, homepage: None, bugs: None };

    fn some() -> Addresses {
        let address = |path: &str| Some(format!("https://code.example/x{path}"));
        Addresses { repository: address(""), homepage: address("#readme"), bugs: address("/issues") }
    }

    #[test]
    fn until_an_address_is_known_nothing_points_there() {
        let manifest = "{\n  \"name\": \"x\",\n  \"license\": \"MIT\",\n  \"type\": \"module\"\n}\n";
        assert_eq!(NONE.manifest(manifest).unwrap(), manifest);
        let filled = some().manifest(manifest).unwrap();
        assert!(
            filled.contains("  \"repository\": { \"type\": \"git\", \"url\": \"git+https://code.example/x.git\" },\n")
        );
        assert!(filled.contains("  \"bugs\": \"https://code.example/x/issues\",\n"), "{filled}");
        assert_eq!(some().manifest(&filled).unwrap(), filled);
        assert_eq!(NONE.manifest(&filled).unwrap(), manifest);
        assert!(NONE.are_known().is_err() && some().are_known().is_ok());
    }

    #[test]
    fn the_packed_readme_has_no_link_that_leads_nowhere() {
        let text = "A<!-- repository --> ([b](docs/b.md), [c](https://c.example))<!-- /repository -->.\n\n<!-- repository -->\n## D\n\nE\n\n<!-- /repository -->\n## [F](LICENSE)\n";
        assert_eq!(NONE.packed(text, "1.2.3").unwrap(), "A.\n\n## [F](LICENSE)\n");
        let items = "- A\n<!-- repository -->\n- B\n<!-- /repository -->\n\n## C\n";
        assert_eq!(NONE.packed(items, "1.2.3").unwrap(), "- A\n\n## C\n");
        let packed = some().packed(text, "1.2.3").unwrap();
        assert!(
            packed.starts_with("A ([b](https://code.example/x/blob/v1.2.3/docs/b.md), [c](https://c.example)).\n"),
            "{packed}"
        );
        assert!(packed.contains("## D\n\nE\n\n## [F](LICENSE)"), "{packed}");
        assert!(NONE.packed(OPEN, "1.2.3").is_err() && NONE.packed(CLOSE, "1.2.3").is_err());
    }
}
