//! The whole catalogue as it is published, for programs that want to read it themselves.

use serde::Serialize;

use super::claim::{Citation, cite_all};
use super::operation::Entry;
use super::phrases;
use super::topics::{Topic, topics};
use crate::catalogue::{
    Access, AppKind, Basis, Confidence, Family, Held, Method, Paging, RULES, Rule, SCOPE_FACTS, SCOPES, SOURCES, Scope,
    ScopeFacts, Source, SourceId, Status, VERSION, WITHDRAWN, Withdrawn,
};

/// The catalogue. In JSON: `{ version, scopes, operations, withdrawn, rules, sources, topics }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Catalogue"))]
#[serde(rename_all = "camelCase")]
pub struct Listing {
    /// The day that the catalogue as a whole belongs to, `YYYY-MM-DD`.
    pub version: &'static str,
    /// Every scope, by name.
    pub scopes: Vec<ScopeEntry>,
    /// Every operation, by API and path.
    pub operations: Vec<OperationEntry>,
    /// Every operation that Xero no longer has, by API and path.
    pub withdrawn: Vec<WithdrawnEntry>,
    /// Every rule of the product and dated end of an API, `R1` to `R37`.
    pub rules: Vec<RuleEntry>,
    /// Everything that the rows refer to by its key.
    pub sources: Vec<SourceEntry>,
    /// Topics, with the operations that each usually stands for.
    pub topics: Vec<Topic>,
}

/// A scope. In JSON: `{ name, api, family, status, access, held, userHeld, replacedBy, description, resources, restrictions, note,
/// dates, confidence, sources, checked }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "CatalogueScope"))]
#[serde(rename_all = "camelCase")]
pub struct ScopeEntry {
    /// The name as Xero writes it.
    pub name: &'static str,
    /// The API it belongs to.
    pub api: &'static str,
    /// Its place in the split of 2026.
    pub family: Family,
    /// Its availability today.
    pub status: Status,
    /// The access that it gives: reading or writing.
    pub access: Access,
    /// The kind of custom connection that can hold it.
    pub held: Held,
    /// The Web and PKCE apps that can hold it.
    pub user_held: Held,
    /// The granular scopes that take its place.
    pub replaced_by: Vec<&'static str>,
    /// Its purpose.
    pub description: &'static str,
    /// The resources it opens, as Xero's page names them.
    pub resources: &'static [&'static str],
    /// Limits of its use.
    pub restrictions: &'static [&'static str],
    /// A further remark; empty if there is none.
    pub note: &'static str,
    /// Dates of its introduction or end, as the sources state them: a label and a date or a sentence.
    pub dates: &'static [(&'static str, &'static str)],
    /// The confidence in the row.
    pub confidence: Confidence,
    /// Its sources: keys of `sources`.
    pub sources: Vec<&'static str>,
    /// The day on which the row was last checked against its sources.
    pub checked: &'static str,
}

/// An operation. In JSON: `{ key, api, id, method, path, granular, broad, unlisted, openedBy, held, basis, uncertain,
/// confidence, ends?, note, paging, idempotencyKey, ifModifiedSince, requiredQuery, idOnly, answers, sources, checked }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "CatalogueOperation"))]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "each is a member of its JSON")]
pub struct OperationEntry {
    /// Its API and id, such as `accounting.getInvoices`.
    pub key: String,
    /// The API it belongs to.
    pub api: &'static str,
    /// Its name in Xero's specification.
    pub id: &'static str,
    /// Its method.
    pub method: Method,
    /// Its path below `https://api.xero.com`, with `{names}` for parameters.
    pub path: String,
    /// The scopes of the granular model that open it: any one is enough.
    pub granular: Vec<&'static str>,
    /// The broad scopes that also open it while they last.
    pub broad: Vec<&'static str>,
    /// The scopes that third parties report and Xero's page does not list.
    pub unlisted: Vec<&'static str>,
    /// The scopes of these three that open it as well as is known: any one is enough. While the sources contradict each
    /// other, of the granular ones only those that are better founded.
    pub opened_by: Vec<&'static str>,
    /// The kind of custom connection that can call it.
    pub held: Held,
    /// On what its scopes rest.
    pub basis: Basis,
    /// True if the sources leave doubt about its scopes.
    pub uncertain: bool,
    /// The confidence in its scopes.
    pub confidence: Confidence,
    /// The rule with the date on which Xero ends it; absent if no end is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ends: Option<&'static str>,
    /// A further remark; empty if there is none.
    pub note: &'static str,
    /// The paging of its answers.
    pub paging: Paging,
    /// True if the specification takes an `Idempotency-Key`.
    pub idempotency_key: bool,
    /// True if the specification takes `If-Modified-Since`.
    pub if_modified_since: bool,
    /// Query parameters that must be present.
    pub required_query: &'static [&'static str],
    /// True if its parameter is an id and never a name.
    pub id_only: bool,
    /// Media type of a successful answer; empty if it has no body.
    pub answers: &'static str,
    /// The sources of the row: keys of `sources`.
    pub sources: Vec<&'static str>,
    /// The day on which the row was last checked against its sources.
    pub checked: &'static str,
}

/// An operation that Xero no longer has. In JSON: `{ api, id?, method, path, until?, last?, note, confidence, sources,
/// checked }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "CatalogueWithdrawn"))]
#[serde(rename_all = "camelCase")]
pub struct WithdrawnEntry {
    /// The API it belonged to.
    pub api: &'static str,
    /// Its name in Xero's specification; absent if it never was in it.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub id: &'static str,
    /// Its method.
    pub method: Method,
    /// Its path below `https://api.xero.com`, with `{names}` for parameters.
    pub path: String,
    /// The day or month of its end, `YYYY-MM-DD` or `YYYY-MM`; absent if no source has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// The last version of the specification that has it; absent if none ever had.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub last: &'static str,
    /// A remark about its end and its replacement.
    pub note: &'static str,
    /// The confidence in the row.
    pub confidence: Confidence,
    /// The sources of the row: keys of `sources`.
    pub sources: Vec<&'static str>,
    /// The day on which the row was last checked against its sources.
    pub checked: &'static str,
}

/// A rule of the product or the dated end of an API. In JSON: `{ id, apps, text, more, from?, until?, untilReported?, confidence,
/// sources, moreSources, checked }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "CatalogueRule"))]
#[serde(rename_all = "camelCase")]
pub struct RuleEntry {
    /// `R1` to `R46`: stable.
    pub id: &'static str,
    /// The kinds of app that it is about.
    pub apps: &'static [AppKind],
    /// Its text.
    pub text: &'static str,
    /// Additions and contradictions by other sources; empty if there are none.
    pub more: &'static str,
    /// The day or month from which it holds, `YYYY-MM-DD` or `YYYY-MM`; absent if it always has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The day or month on which it ends, `YYYY-MM-DD` or `YYYY-MM`; absent if no end is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// A more exact day for the end, by third parties only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until_reported: Option<String>,
    /// The confidence in `text`.
    pub confidence: Confidence,
    /// The sources of `text`: keys of `sources`.
    pub sources: Vec<&'static str>,
    /// The sources of `more`: keys of `sources`.
    pub more_sources: Vec<&'static str>,
    /// The day on which the row was last checked against its sources.
    pub checked: &'static str,
}

/// A source. In JSON: `{ key, title, url?, date }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "CatalogueSource"))]
#[serde(rename_all = "camelCase")]
pub struct SourceEntry {
    /// A short stable key, such as `xero-scopes`.
    pub key: &'static str,
    /// Its title.
    pub title: &'static str,
    /// Its public address; absent for a report without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<&'static str>,
    /// The day on which it was written or read, as far as that is known.
    pub date: &'static str,
}

/// The whole catalogue.
pub fn listing() -> Listing {
    Listing {
        version: VERSION,
        scopes: scopes(),
        operations: Entry::all().map(operation).collect(),
        withdrawn: WITHDRAWN.iter().map(withdrawn).collect(),
        rules: rules(),
        sources: SOURCES.iter().map(source).collect(),
        topics: topics(),
    }
}

pub(super) fn scopes() -> Vec<ScopeEntry> {
    let entry = |(scope, facts): (&'static Scope, &'static ScopeFacts)| ScopeEntry {
        name: scope.name,
        api: facts.api,
        family: scope.family,
        status: scope.status,
        access: scope.access,
        held: scope.held,
        user_held: facts.user_held,
        replaced_by: scope.replaced_by.names(),
        description: facts.description,
        resources: facts.resources,
        restrictions: facts.restrictions,
        note: facts.note,
        dates: facts.dates,
        confidence: facts.confidence,
        sources: keys(facts.sources),
        checked: facts.checked,
    };
    SCOPES.iter().zip(SCOPE_FACTS).map(entry).collect()
}

pub(super) fn operation(entry: Entry) -> OperationEntry {
    let (operation, facts, needs) = (entry.operation(), entry.facts(), entry.operation().needs());
    let api = operation.api.row();
    OperationEntry {
        key: operation.key(),
        api: api.map_or("", |api| api.name),
        id: operation.id(),
        method: operation.method,
        path: [api.map_or("", |api| api.base), operation.path()].concat(),
        granular: needs.granular.names(),
        broad: needs.broad.names(),
        unlisted: needs.unlisted.names(),
        opened_by: entry.openers().names(),
        held: facts.held,
        basis: facts.basis,
        uncertain: facts.uncertain,
        confidence: facts.confidence,
        ends: facts.ends,
        note: facts.note,
        paging: operation.paging,
        idempotency_key: operation.takes_key,
        if_modified_since: operation.takes_since,
        required_query: facts.required_query,
        id_only: operation.id_only(),
        answers: facts.answers,
        sources: keys(facts.sources),
        checked: facts.checked,
    }
}

pub(super) fn withdrawn(gone: &'static Withdrawn) -> WithdrawnEntry {
    let api = gone.api.row();
    WithdrawnEntry {
        api: api.map_or("", |api| api.name),
        id: gone.id,
        method: gone.method,
        path: [api.map_or("", |api| api.base), gone.path].concat(),
        until: gone.until.map(phrases::iso),
        last: gone.last,
        note: gone.note,
        confidence: gone.confidence,
        sources: keys(gone.sources),
        checked: gone.checked,
    }
}

pub(super) fn rules() -> Vec<RuleEntry> {
    let entry = |row: &'static Rule| RuleEntry {
        id: row.id,
        apps: row.apps,
        text: row.text,
        more: row.more,
        from: row.from.map(phrases::iso),
        until: row.until.map(phrases::iso),
        until_reported: row.until_reported.map(|day| day.to_string()),
        confidence: row.confidence,
        sources: keys(row.sources),
        more_sources: keys(row.more_sources),
        checked: row.checked,
    };
    RULES.iter().map(entry).collect()
}

pub(super) fn source(row: &'static Source) -> SourceEntry {
    SourceEntry { key: row.key, title: row.title, url: row.url, date: row.date }
}

fn keys(sources: &[SourceId]) -> Vec<&'static str> {
    cite_all(sources).into_iter().map(|Citation { key, .. }| key).collect()
}
