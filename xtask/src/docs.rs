//! The documentation as pages: docs/ to target/docs, and the reference of the declarations to target/docs/reference; static files
//! for /docs/ of any web server.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use crate::{package, root, run, stamp, tools};

/// The folder of the built pages.
pub fn folder() -> PathBuf {
    root().join("target/docs")
}

/// Builds the pages. A link that leads to no page, or to no heading of a page, and a warning about a declaration, is an error.
pub fn build() -> Result<()> {
    package::build()?;
    tools::npm_ci("site")?;
    let site = root().join("site");
    let names = ["docs", "site/.vitepress", "site/package-lock.json", "site/typedoc.config.mjs", "site/tsconfig.json"];
    let mut inputs: Vec<_> = names.map(|name| root().join(name)).into();
    inputs.push(package::tarball(&package::version()?));
    let outputs = ["index.html", "reference/index.html"].map(|name| folder().join(name));
    stamp::once("docs", include_str!("docs.rs"), &inputs, &outputs, || {
        let mut vitepress = run::command(tools::bin(&site, "vitepress"));
        run::quiet("vitepress", vitepress.args(["build", "site"]))?;
        run::step("links to headings", || anchors(&folder()))?;
        // Vitepress empties the folder, so the reference comes after it.
        let mut typedoc = run::command(tools::bin(&site, "typedoc"));
        run::quiet("typedoc", typedoc.args(["--options", "site/typedoc.config.mjs"])).map(drop)
    })?;
    println!("  built {}", folder().strip_prefix(root())?.display());
    Ok(())
}

/// Checks that the heading of each link is there; the generator checks the pages of links alone.
fn anchors(folder: &Path) -> Result<()> {
    let mut pages = BTreeMap::new();
    for file in stamp::files(folder)?.into_iter().filter(|file| file.extension().is_some_and(|end| end == "html")) {
        let name = file.strip_prefix(folder)?.to_string_lossy().into_owned();
        pages.insert(name, fs::read_to_string(file)?);
    }
    let missing = missing(&pages);
    ensure!(missing.is_empty(), "links to headings that are not there: {}", missing.join(", "));
    Ok(())
}

/// The links of these pages to headings that their pages do not have.
fn missing(pages: &BTreeMap<String, String>) -> Vec<String> {
    let mut missing = Vec::new();
    for (own, html) in pages {
        let links = html.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()?.split_once('#'));
        for (page, anchor) in links.filter(|(page, _)| !page.contains("://")) {
            let name = page.trim_start_matches("/docs/").trim_start_matches("./");
            let name = if page.is_empty() {
                own.as_str()
            } else if name.is_empty() {
                "index.html"
            } else {
                name
            };
            let has = |html: &String| html.contains(&format!("id=\"{anchor}\""));
            if !anchor.is_empty() && !pages.get(name).is_some_and(has) {
                missing.push(format!("{own} to {name}#{anchor}"));
            }
        }
    }
    missing
}

/// Builds the pages and says where they are.
pub fn run() -> Result<()> {
    run::title("docs");
    build().context("the documentation was not built")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    #[test]
    fn a_link_to_no_heading_is_found() {
        let page = |html: &str| html.to_owned();
        let pages = BTreeMap::from([
            (
                "a.html".to_owned(),
                page(r##"<a href="#own"><a href="/docs/b.html#there"><a href="./b.html#gone"><h2 id="own">"##),
            ),
            ("b.html".to_owned(), page(r##"<h2 id="there"><a href="https://example.com/#x"><a href="#none">"##)),
        ]);
        assert_eq!(super::missing(&pages), ["a.html to b.html#gone", "b.html to b.html#none"]);
    }
}
