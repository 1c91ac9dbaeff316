//! Generates `src/catalogue/tables.rs` from the JSON files of `src/catalogue`.

use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use serde::Deserialize;
use serde::de::DeserializeOwned;

const FOLDER: &str = "src/catalogue";

/// Writes the tables, or with `check` compares them with the file that is there. `root` is the folder of the crate.
pub fn run(root: &Path, check: bool) -> Result<()> {
    let folder = root.join(FOLDER);
    let tables = Catalogue::read(&folder)?.tables()?;
    let file = folder.join("tables.rs");
    if !check {
        return fs::write(&file, tables).with_context(|| format!("cannot write {}", file.display()));
    }
    let found = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    // A checkout on Windows may have other line ends.
    if found.replace("\r\n", "\n") == tables {
        return Ok(());
    }
    let at = found.lines().zip(tables.lines()).take_while(|(a, b)| a == b).count().saturating_add(1);
    bail!(
        "{FOLDER}/tables.rs does not match the JSON files beside it (first difference in line {at}); \
         run `cargo xtask generate`"
    )
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Source {
    key: String,
    title: String,
    url: Option<String>,
    date: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Api {
    name: String,
    title: String,
    base: String,
    /// `Australia`, `NewZealand` or `UnitedKingdom`.
    country: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Scope {
    name: String,
    api: String,
    family: Family,
    status: Status,
    access: Access,
    held: Held,
    /// Present only if it differs from `held`.
    user_held: Option<Held>,
    #[serde(default)]
    replaced_by: Vec<String>,
    description: String,
    #[serde(default)]
    resources: Vec<String>,
    #[serde(default)]
    restrictions: Vec<String>,
    #[serde(default)]
    note: String,
    #[serde(default)]
    dates: Vec<(String, String)>,
    confidence: Confidence,
    sources: Vec<String>,
    checked: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Operation {
    api: String,
    method: Method,
    path: String,
    id: String,
    #[serde(default)]
    granular: Vec<String>,
    #[serde(default)]
    broad: Vec<String>,
    #[serde(default)]
    unlisted: Vec<String>,
    #[serde(default)]
    spec: Vec<String>,
    held: Held,
    basis: Basis,
    #[serde(default)]
    uncertain: bool,
    /// Present only in a row in doubt; else it follows from the basis.
    confidence: Option<Confidence>,
    #[serde(default)]
    note: String,
    /// The rule with the date on which it ends.
    ends: Option<String>,
    #[serde(default)]
    paging: Paging,
    #[serde(default)]
    idempotency_key: bool,
    #[serde(default)]
    if_modified_since: bool,
    #[serde(default)]
    required_query: Vec<String>,
    #[serde(default)]
    id_only: bool,
    #[serde(default)]
    answers: String,
    sources: Vec<String>,
    checked: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Alias {
    api: String,
    path: String,
    means: String,
    sources: Vec<String>,
    checked: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Withdrawn {
    api: String,
    method: Method,
    path: String,
    #[serde(default)]
    id: String,
    until: Option<String>,
    #[serde(default)]
    last: String,
    note: String,
    confidence: Confidence,
    sources: Vec<String>,
    checked: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Rule {
    id: String,
    /// Absent: custom connections alone.
    #[serde(default = "custom")]
    apps: Vec<AppKind>,
    text: String,
    #[serde(default)]
    more: String,
    from: Option<String>,
    until: Option<String>,
    until_reported: Option<String>,
    confidence: Confidence,
    sources: Vec<String>,
    #[serde(default)]
    more_sources: Vec<String>,
    checked: String,
}

fn custom() -> Vec<AppKind> {
    vec![AppKind::Custom]
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Misnomer {
    name: String,
    use_instead: Option<String>,
    /// The place where the name was found, for people who edit the file.
    #[expect(dead_code, reason = "required in the file, but not part of the tables")]
    seen: String,
}

/// Enums whose variants have the same name in JSON (`legacy_only`) and in Rust (`LegacyOnly`).
macro_rules! words {
    ($($name:ident { $($word:ident),+ })+) => {$(
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
        #[serde(rename_all = "snake_case")]
        enum $name { $($word),+ }
    )+};
}

words! {
    AppKind { Custom, Web, Pkce, App }
    Family { User, Broad, Granular, Unaffected, App }
    Status { Current, Deprecated, Restricted, Withdrawn, Unlisted }
    Access { Read, Write, None }
    Held { Yes, No, LegacyOnly, PartnerOnly, PremiumOnly, Disputed, Unknown }
    Confidence { Documented, Sdk, ThirdParty, Inferred, Conflict }
    Basis { Documented, Spec, Inferred }
}

/// In the order of their names, as in the crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Method {
    Delete,
    Get,
    Patch,
    Post,
    Put,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Paging {
    #[default]
    None,
    Page,
    PageSize,
    PagesizeLower,
    Offset,
}

/// The granular, broad and unlisted scopes that open an operation.
type Needs = [u128; 3];

/// Row numbers by name.
type Index = BTreeMap<String, usize>;

struct Catalogue {
    version: String,
    sources: Vec<Source>,
    apis: Vec<Api>,
    scopes: Vec<Scope>,
    operations: Vec<Operation>,
    aliases: Vec<Alias>,
    withdrawn: Vec<Withdrawn>,
    rules: Vec<Rule>,
    misnomers: Vec<Misnomer>,
}

impl Catalogue {
    fn read(folder: &Path) -> Result<Self> {
        let file = folder.join("version.txt");
        let version = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let mut catalogue = Self {
            version: version.trim().to_owned(),
            sources: rows(folder, "sources.json")?,
            apis: rows(folder, "apis.json")?,
            scopes: rows(folder, "scopes.json")?,
            operations: rows(folder, "operations.json")?,
            aliases: rows(folder, "aliases.json")?,
            withdrawn: rows(folder, "withdrawn.json")?,
            rules: rows(folder, "rules.json")?,
            misnomers: rows(folder, "misnomers.json")?,
        };
        catalogue.sources.sort_by(|a, b| a.key.cmp(&b.key));
        catalogue.apis.sort_by(|a, b| a.name.cmp(&b.name));
        catalogue.scopes.sort_by(|a, b| a.name.cmp(&b.name));
        catalogue.aliases.sort_by(|a, b| (&a.api, &a.path).cmp(&(&b.api, &b.path)));
        catalogue.withdrawn.sort_by(|a, b| (&a.api, &a.path, a.method).cmp(&(&b.api, &b.path, b.method)));
        catalogue.misnomers.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(catalogue)
    }

    fn tables(mut self) -> Result<String> {
        day(&self.version).context("version.txt")?;
        let sources = index("source", self.sources.iter().map(|source| &source.key))?;
        let apis = index("API", self.apis.iter().map(|api| &api.name))?;
        let scopes = index("scope", self.scopes.iter().map(|scope| &scope.name))?;
        index("rule", self.rules.iter().map(|rule| &rule.id))?;
        index("misnomer", self.misnomers.iter().map(|misnomer| &misnomer.name))?;
        ensure!(scopes.len() <= 128, "{} scopes do not fit a mask of 128 bits", scopes.len());
        ensure!(sources.len() <= 256 && apis.len() <= 256, "sources and APIs are numbered with 8 bits");
        self.sort_operations(&apis)?;
        self.check_sources(&sources)?;

        let mut out = String::from(HEADER);
        self.write_small_tables(&mut out, &scopes)?;
        self.write_scopes(&mut out, &scopes)?;
        self.write_operations(&mut out, &apis, &scopes)?;
        self.write_other_paths(&mut out, &apis)?;
        self.write_rules(&mut out)?;
        Ok(out)
    }

    /// By API base, then path, then method, then API.
    fn sort_operations(&mut self, apis: &Index) -> Result<()> {
        let mut ids = BTreeSet::new();
        for operation in &self.operations {
            ensure!(apis.contains_key(&operation.api), "operation {}: no API {}", operation.id, operation.api);
            ensure!(
                ids.insert((&operation.api, &operation.id)),
                "operation {}.{} exists twice",
                operation.api,
                operation.id
            );
        }
        let bases: BTreeMap<&String, &String> = self.apis.iter().map(|api| (&api.name, &api.base)).collect();
        self.operations.sort_by(|a, b| {
            (bases[&a.api], &a.path, a.method, &a.api).cmp(&(bases[&b.api], &b.path, b.method, &b.api))
        });
        for (a, b) in self.operations.iter().zip(self.operations.iter().skip(1)) {
            ensure!(
                (&a.api, &a.path, a.method) != (&b.api, &b.path, b.method),
                "operations {} and {} of {} have the same method and path",
                a.id,
                b.id,
                a.api
            );
        }
        Ok(())
    }

    /// Checks that every row has sources and a date, and that every source exists and is used.
    fn check_sources(&self, sources: &Index) -> Result<()> {
        let mut unused: BTreeSet<&String> = sources.keys().collect();
        let mut check = |row: &str, keys: &[String], checked: Option<&String>| -> Result<()> {
            ensure!(checked.is_none() || !keys.is_empty(), "{row}: no source");
            for key in keys {
                ensure!(sources.contains_key(key), "{row}: no source {key} in sources.json");
                unused.remove(key);
            }
            if let Some(date) = checked {
                day(date).with_context(|| format!("{row}: checked"))?;
            }
            Ok(())
        };
        for row in &self.scopes {
            check(&row.name, &row.sources, Some(&row.checked))?;
        }
        for row in &self.operations {
            check(&format!("{}.{}", row.api, row.id), &row.sources, Some(&row.checked))?;
        }
        for row in &self.aliases {
            check(&row.path, &row.sources, Some(&row.checked))?;
        }
        for row in &self.withdrawn {
            check(&row.path, &row.sources, Some(&row.checked))?;
        }
        for row in &self.rules {
            check(&row.id, &row.sources, Some(&row.checked))?;
            check(&row.id, &row.more_sources, None)?;
        }
        ensure!(unused.is_empty(), "no row uses these sources; remove them from sources.json: {unused:?}");
        Ok(())
    }

    fn write_small_tables(&self, out: &mut String, scopes: &Index) -> Result<()> {
        writeln!(out, "/// The version of the catalogue: the day of its last change.")?;
        writeln!(out, "pub static VERSION: &str = {};", text(&self.version))?;

        writeln!(out)?;
        for (row, source) in self.sources.iter().enumerate() {
            writeln!(out, "const {}: SourceId = SourceId({row});", constant(&source.key))?;
        }
        open(out, "The sources of the rows, in the order of their keys.", "pub static SOURCES: &[Source]")?;
        for Source { key, title, url, date } in &self.sources {
            let url = url.as_deref().map_or_else(|| "None".to_owned(), |url| format!("Some({})", text(url)));
            let (key, title, date) = (text(key), text(title), text(date));
            writeln!(out, "    Source {{ key: {key}, title: {title}, url: {url}, date: {date} }},")?;
        }
        close(out)?;

        open(out, "Xero's APIs, in the order of their names.", "pub static APIS: &[Api]")?;
        for Api { name, title, base, country } in &self.apis {
            let (name, title, base) = (text(name), text(title), text(base));
            let country = country.as_ref().map_or_else(|| "None".to_owned(), |one| format!("Some(Country::{one})"));
            writeln!(out, "    Api {{ name: {name}, title: {title}, base: {base}, country: {country} }},")?;
        }
        close(out)?;

        let doc = "Names that people mistake for scopes, in alphabetical order, with the scope that they mean, if there is one.";
        open(out, doc, "pub static MISNOMERS: &[(&str, Option<ScopeId>)]")?;
        for row in &self.misnomers {
            ensure!(!scopes.contains_key(&row.name), "{} is a scope, not a misnomer", row.name);
            let instead = match &row.use_instead {
                None => "None".to_owned(),
                Some(name) => match scopes.get(name) {
                    None => bail!("misnomer {}: no scope {name}", row.name),
                    Some(scope) => format!("Some(ScopeId({scope}))"),
                },
            };
            writeln!(out, "    ({}, {instead}),", text(&row.name))?;
        }
        close(out)
    }

    fn write_scopes(&self, out: &mut String, scopes: &Index) -> Result<()> {
        open(out, "Every scope, in the order of their names.", "pub static SCOPES: &[Scope]")?;
        for row in &self.scopes {
            let Scope { family, status, access, held, .. } = row;
            let name = text(&row.name);
            let replaced_by = mask(&row.name, &row.replaced_by, scopes)?;
            write!(out, "    Scope {{ name: {name}, family: Family::{family:?}, status: Status::{status:?}, ")?;
            write!(out, "access: Access::{access:?}, held: Held::{held:?}, ")?;
            writeln!(out, "replaced_by: {} }},", hex(replaced_by))?;
        }
        close(out)?;

        open(
            out,
            "The facts about the scopes: one row for each row of [`SCOPES`].",
            "pub static SCOPE_FACTS: &[ScopeFacts]",
        )?;
        for row in &self.scopes {
            let dates: Vec<String> =
                row.dates.iter().map(|(label, date)| format!("({}, {})", text(label), text(date))).collect();
            write!(out, "    ScopeFacts {{ api: {}, description: {}, ", text(&row.api), text(&row.description))?;
            write!(out, "resources: {}, restrictions: {}, ", texts(&row.resources), texts(&row.restrictions))?;
            write!(out, "note: {}, dates: &[{}], ", text(&row.note), dates.join(", "))?;
            write!(out, "user_held: Held::{:?}, ", row.user_held.unwrap_or(row.held))?;
            write!(out, "confidence: Confidence::{:?}, ", row.confidence)?;
            writeln!(out, "sources: {}, checked: {} }},", constants(&row.sources), text(&row.checked))?;
        }
        close(out)
    }

    fn write_operations(&self, out: &mut String, apis: &Index, scopes: &Index) -> Result<()> {
        let mut needs: BTreeMap<Needs, usize> = BTreeMap::new();
        let mut of_rows = Vec::new();
        for row in &self.operations {
            let of_row = [
                mask(&row.id, &row.granular, scopes)?,
                mask(&row.id, &row.broad, scopes)?,
                mask(&row.id, &row.unlisted, scopes)?,
            ];
            needs.insert(of_row, 0);
            of_rows.push(of_row);
        }
        ensure!(needs.len() <= 256, "combinations of scopes are numbered with 8 bits");

        open(out, "The combinations of scopes that operations need.", "pub(super) static NEEDS: &[Needs]")?;
        for (number, (&[granular, broad, unlisted], row)) in needs.iter_mut().enumerate() {
            *row = number;
            write!(out, "    Needs {{ granular: {}, broad: {}, ", hex(granular), hex(broad))?;
            writeln!(out, "unlisted: {} }},", hex(unlisted))?;
        }
        close(out)?;

        let doc = "Every operation, in the order of API base, path, method and API.";
        open(out, doc, "pub(super) const ROWS: &[OperationRow]")?;
        let mut before = "";
        for (row, of_row) in self.operations.iter().zip(&of_rows) {
            let (path, id) = (packed_path(before, &row.path), packed_id(&row.path, &row.id)?);
            before = &row.path;
            write!(out, "    OperationRow {{ api: ApiId({}), method: Method::{:?}, ", apis[&row.api], row.method)?;
            write!(out, "paging: Paging::{:?}, needs: {}, id_only: {}, ", row.paging, needs[of_row], row.id_only)?;
            write!(out, "takes_key: {}, takes_since: {}, ", row.idempotency_key, row.if_modified_since)?;
            writeln!(out, "path: {}, id: {} }},", text(&path), text(&id))?;
        }
        close(out)?;

        let doc = "The facts about the operations: one row for each row of [`OPERATIONS`](super::OPERATIONS).";
        open(out, doc, "pub static OPERATION_FACTS: &[OperationFacts]")?;
        for row in &self.operations {
            let Operation { held, basis, uncertain, .. } = row;
            let confidence = match (uncertain, row.confidence, basis) {
                (true, Some(confidence), _) => confidence,
                (false, None, Basis::Documented | Basis::Spec) => Confidence::Documented,
                (false, None, Basis::Inferred) => Confidence::Inferred,
                _ => bail!("{}: set `confidence` if the row is `uncertain`, and only then", row.id),
            };
            let ends = match &row.ends {
                Some(id) if self.rules.iter().any(|rule| rule.id == *id && rule.until.is_some()) => {
                    format!("Some({})", text(id))
                }
                Some(id) => bail!("{}: `ends` has {id}, which is not a rule with an end", row.id),
                None => "None".to_owned(),
            };
            write!(out, "    OperationFacts {{ held: Held::{held:?}, basis: Basis::{basis:?}, ")?;
            write!(out, "uncertain: {uncertain}, confidence: Confidence::{confidence:?}, ")?;
            write!(out, "note: {}, ends: {ends}, ", text(&row.note))?;
            write!(out, "spec_scopes: {}, ", hex(mask(&row.id, &row.spec, scopes)?))?;
            write!(out, "required_query: {}, answers: {}, ", texts(&row.required_query), text(&row.answers))?;
            writeln!(out, "sources: {}, checked: {} }},", constants(&row.sources), text(&row.checked))?;
        }
        close(out)
    }

    /// Writes the paths that are not operations: other spellings, and withdrawn operations.
    fn write_other_paths(&self, out: &mut String, apis: &Index) -> Result<()> {
        let api = |name: &String, path: &String| {
            apis.get(name).with_context(|| format!("{path}: no API {name}")).map(|row| format!("ApiId({row})"))
        };
        let doc = "Other beginnings of paths, in the order of APIs and paths.";
        open(out, doc, "pub static ALIASES: &[Alias]")?;
        for row in &self.aliases {
            let (api, path, means) = (api(&row.api, &row.path)?, text(&row.path), text(&row.means));
            write!(out, "    Alias {{ api: {api}, path: {path}, means: {means}, ")?;
            writeln!(out, "sources: {}, checked: {} }},", constants(&row.sources), text(&row.checked))?;
        }
        close(out)?;

        let doc = "Operations that Xero no longer has, in the order of APIs, paths and methods.";
        open(out, doc, "pub static WITHDRAWN: &[Withdrawn]")?;
        for row in &self.withdrawn {
            let (api, path) = (api(&row.api, &row.path)?, text(&row.path));
            let until = when(row.until.as_deref()).with_context(|| row.path.clone())?;
            write!(out, "    Withdrawn {{ api: {api}, method: Method::{:?}, path: {path}, ", row.method)?;
            write!(out, "id: {}, until: {until}, last: {}, ", text(&row.id), text(&row.last))?;
            write!(out, "note: {}, confidence: Confidence::{:?}, ", text(&row.note), row.confidence)?;
            writeln!(out, "sources: {}, checked: {} }},", constants(&row.sources), text(&row.checked))?;
        }
        close(out)
    }

    fn write_rules(&self, out: &mut String) -> Result<()> {
        let r7 = self.rules.iter().find(|rule| rule.id == "R7").context("no rule R7")?;
        let (year, month, date) = day(r7.from.as_deref().context("R7 has no start")?)?;
        writeln!(
            out,
            "\n/// The first day on which new connections have granular scopes only and no Journals: the start of rule R7."
        )?;
        writeln!(out, "pub const GRANULAR_ONLY_FROM: Option<Date> = Date::new({year}, {month}, {date});")?;
        writeln!(out, "\n/// [`GRANULAR_ONLY_FROM`] as messages have it.")?;
        writeln!(out, "pub(crate) const GRANULAR_ONLY_FROM_TEXT: &str = {};", text(&in_words(year, month, date)))?;

        open(out, "The rules of the product, R1 first.", "pub static RULES: &[Rule]")?;
        for row in &self.rules {
            let dates = || -> Result<String> {
                let until_reported = row.until_reported.as_deref().map(day).transpose()?;
                Ok(format!(
                    "from: {}, until: {}, until_reported: {}",
                    when(row.from.as_deref())?,
                    when(row.until.as_deref())?,
                    until_reported.map_or_else(|| "None".to_owned(), |(y, m, d)| format!("Date::new({y}, {m}, {d})"))
                ))
            };
            let dates = dates().with_context(|| row.id.clone())?;
            write!(out, "    Rule {{ id: {}, text: {}, more: {}, ", text(&row.id), text(&row.text), text(&row.more))?;
            let apps: Vec<String> = row.apps.iter().map(|app| format!("AppKind::{app:?}")).collect();
            write!(out, "apps: &[{}], ", apps.join(", "))?;
            write!(out, "{dates}, confidence: Confidence::{:?}, ", row.confidence)?;
            write!(out, "sources: {}, more_sources: {}, ", constants(&row.sources), constants(&row.more_sources))?;
            writeln!(out, "checked: {} }},", text(&row.checked))?;
        }
        close(out)
    }
}

const HEADER: &str = "\
// Generated by `cargo xtask generate` from the JSON files beside it; do not edit.

use super::app::AppKind;
use super::country::Country;
use super::mask::{Mask, ScopeId};
use super::rows::{
    Access, Alias, Api, ApiId, Basis, Confidence, Family, Held, Method, Needs, OperationFacts, OperationRow, Paging, Rule,
    Scope, ScopeFacts, Source, SourceId, Status, When, Withdrawn,
};
use crate::time::Date;

const fn on(year: u16, month: u8, day: u8) -> Option<When> {
    match Date::new(year, month, day) {
        Some(date) => Some(When::Day(date)),
        None => None,
    }
}

";

fn rows<T: DeserializeOwned>(folder: &Path, name: &str) -> Result<Vec<T>> {
    let file = folder.join(name);
    let json = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    serde_json::from_str(&json).with_context(|| format!("{FOLDER}/{name}"))
}

fn index<'a>(what: &str, names: impl Iterator<Item = &'a String>) -> Result<Index> {
    let mut index = Index::new();
    for (row, name) in names.enumerate() {
        match index.entry(name.clone()) {
            Entry::Vacant(free) => free.insert(row),
            Entry::Occupied(_) => bail!("{what} {name} exists twice"),
        };
    }
    Ok(index)
}

fn mask(row: &str, names: &[String], scopes: &Index) -> Result<u128> {
    names.iter().try_fold(0, |mask, name| {
        let scope = scopes.get(name).with_context(|| format!("{row}: no scope {name}"))?;
        let bit = 1_u128 << scope;
        ensure!(mask & bit == 0, "{row}: scope {name} exists twice");
        Ok(mask | bit)
    })
}

/// A mask as Rust code, with an underscore after each four digits.
fn hex(mask: u128) -> String {
    if mask == 0 {
        return "Mask::EMPTY".to_owned();
    }
    let digits = format!("{mask:x}");
    let first = digits.len() % 4;
    let groups = digits.as_bytes()[first..].chunks(4).map(|group| String::from_utf8_lossy(group).into_owned());
    let groups: Vec<String> = (first > 0).then(|| digits[..first].to_owned()).into_iter().chain(groups).collect();
    format!("Mask(0x{})", groups.join("_"))
}

/// The day written as `YYYY-MM-DD`.
fn day(date: &str) -> Result<(u16, u8, u8)> {
    let parts: Vec<&str> = date.split('-').collect();
    let [y, m, d] = parts[..] else { bail!("{date} is not YYYY-MM-DD") };
    let (year, month) = self::month(&format!("{y}-{m}"))?;
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    let day = d.parse::<u8>().ok().filter(|day| d.len() == 2 && (1..=last).contains(day));
    Ok((year, month, day.with_context(|| format!("{date} does not exist"))?))
}

/// The day in words: `29 April 2026`.
fn in_words(year: u16, month: u8, day: u8) -> String {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    format!("{day} {} {year}", MONTHS[usize::from(month) - 1])
}

/// The month written as `YYYY-MM`.
fn month(date: &str) -> Result<(u16, u8)> {
    let read = || {
        let (y, m) = date.split_once('-')?;
        let (year, month) = (y.parse().ok()?, m.parse().ok()?);
        (y.len() == 4 && m.len() == 2 && year >= 1970 && (1..=12).contains(&month)).then_some((year, month))
    };
    read().with_context(|| format!("{date} is not YYYY-MM"))
}

fn when(date: Option<&str>) -> Result<String> {
    Ok(match date {
        None => "None".to_owned(),
        Some(date) if date.len() == "YYYY-MM".len() => {
            let (year, month) = month(date)?;
            format!("Some(When::Month({year}, {month}))")
        }
        Some(date) => {
            let (year, month, day) = day(date)?;
            format!("on({year}, {month}, {day})")
        }
    })
}

/// A string as Rust code.
/// The path of an operation, packed: the number of segments that it shares with the path before, and the rest.
/// `src/catalogue/packed.rs` unpacks it.
fn packed_path(before: &str, path: &str) -> String {
    let segments: Vec<_> = path.split('/').skip(1).collect();
    let shared = before.split('/').skip(1).zip(&segments).take_while(|(one, other)| one == *other).count();
    format!("{shared}{}", segments[shared..].join("/"))
}

/// The id of an operation, packed: a text of more than three letters that a segment of the path has too, perhaps less one or two letters
/// at its end, becomes a sign. `src/catalogue/packed.rs` unpacks it.
fn packed_id(path: &str, id: &str) -> Result<String> {
    ensure!(
        id.bytes().all(|letter| letter.is_ascii_alphanumeric()),
        "the id {id} has other signs than letters and digits"
    );
    let mut packed = id.to_owned();
    // The signs are those before the digits.
    for (place, segment) in path.split('/').skip(1).take(5).enumerate() {
        let segment = segment.trim_matches(['{', '}']);
        let texts = (0..3).filter_map(|less| Some((less, segment.get(..segment.len().checked_sub(less)?)?)));
        if let Some((less, text)) = texts.filter(|(_, text)| text.len() > 3).find(|(_, text)| packed.contains(text)) {
            let sign = b'!' + u8::try_from(3 * place + less)?;
            packed = packed.replacen(text, char::from(sign).encode_utf8(&mut [0; 4]), 1);
        }
    }
    Ok(packed)
}

fn text(text: &str) -> String {
    format!("{text:?}").replace("\\'", "'")
}

fn texts(list: &[String]) -> String {
    let list: Vec<String> = list.iter().map(|item| text(item)).collect();
    format!("&[{}]", list.join(", "))
}

/// The name of the constant for a source.
fn constant(key: &str) -> String {
    let name = key.replace('-', "_").to_uppercase();
    if name.starts_with(|first: char| first.is_ascii_digit()) { format!("_{name}") } else { name }
}

fn constants(keys: &[String]) -> String {
    let keys: Vec<String> = keys.iter().map(|key| constant(key)).collect();
    format!("&[{}]", keys.join(", "))
}

fn open(out: &mut String, doc: &str, declaration: &str) -> Result<()> {
    writeln!(out, "\n/// {doc}\n{declaration} = &[")?;
    Ok(())
}

fn close(out: &mut String) -> Result<()> {
    writeln!(out, "];")?;
    Ok(())
}
