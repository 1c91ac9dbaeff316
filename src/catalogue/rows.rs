//! The types of the rows: what the tables hold.

use serde::Serialize;

use super::mask::Mask;
use crate::time::Date;

/// What a program has to know of a scope.
#[derive(Debug)]
pub struct Scope {
    /// The name as Xero writes it.
    pub name: &'static str,
    /// Its place in the split of 2026.
    pub family: Family,
    /// Whether it is offered today.
    pub status: Status,
    /// Whether it opens writes.
    pub access: Access,
    /// Whether a custom connection can hold it.
    pub held: Held,
    /// The granular scopes that take its place.
    pub replaced_by: Mask,
}

/// A scope's place in the split of 2026.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// `OpenID` and refresh, for user flows.
    User,
    /// Replaced by granular scopes.
    Broad,
    /// New in 2026.
    Granular,
    /// Not part of the split.
    Unaffected,
    /// For an app itself, not for an organisation.
    App,
}

/// Whether Xero offers a scope today.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Offered.
    Current,
    /// Ends at a known time.
    Deprecated,
    /// Needs certification or a partnership.
    Restricted,
    /// No longer granted.
    Withdrawn,
    /// Reported, but not on Xero's page.
    Unlisted,
}

/// What a scope lets its holder do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// Read.
    Read,
    /// Read and write.
    Write,
    /// Neither: it does not open operations.
    None,
}

/// Whether a custom connection can hold a scope or call an operation. In JSON: the words of `README.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Held {
    /// Yes.
    Yes,
    /// No.
    No,
    /// Only connections created before 29 April 2026, while they keep it (rules R6, R11, R13).
    LegacyOnly,
    /// Only approved partners; whether a custom connection can be one is not published.
    PartnerOnly,
    /// The sources contradict each other.
    Disputed,
    /// No source says.
    Unknown,
}

/// How sure a row is, best first. In JSON: the words of `README.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// Xero's own text says so.
    Documented,
    /// Code that Xero publishes does so.
    Sdk,
    /// A third party reports it.
    ThirdParty,
    /// Inferred from the rest.
    Inferred,
    /// The sources contradict each other.
    Conflict,
}

/// Where a row comes from: a row of [`SOURCES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(pub u8);

/// Something a reader can open, or a dated report that has no public address.
#[derive(Debug)]
pub struct Source {
    /// A short stable key, such as `xero-scopes`.
    pub key: &'static str,
    /// What it is.
    pub title: &'static str,
    /// Its public address; `None` for a third-party report without one.
    pub url: Option<&'static str>,
    /// When it was written or read, as far as that is known.
    pub date: &'static str,
}

/// What people need to know of a scope; row by row beside [`SCOPES`].
#[derive(Debug)]
pub struct ScopeFacts {
    /// The API it belongs to.
    pub api: &'static str,
    /// What it is for.
    pub description: &'static str,
    /// The resources it opens, as Xero's page names them.
    pub resources: &'static [&'static str],
    /// What limits its use.
    pub restrictions: &'static [&'static str],
    /// What else there is to say; empty if nothing.
    pub note: &'static str,
    /// When it came, went or goes, as the sources put it: a label and a date or a sentence.
    pub dates: &'static [(&'static str, &'static str)],
    /// How sure the row is.
    pub confidence: Confidence,
    /// Where it comes from.
    pub sources: &'static [SourceId],
    /// When the row was last checked against its sources.
    pub checked: &'static str,
}

/// One of Xero's APIs.
#[derive(Debug)]
pub struct Api {
    /// Its name here, such as `accounting` or `payroll-nz`.
    pub name: &'static str,
    /// Its title in Xero's specification.
    pub title: &'static str,
    /// Its path below `https://api.xero.com`, without a slash at the end; empty for the identity API.
    pub base: &'static str,
}

/// A row of [`APIS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ApiId(pub u8);

/// An HTTP method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// `DELETE`
    Delete,
    /// `GET`
    Get,
    /// `PATCH`
    Patch,
    /// `POST`
    Post,
    /// `PUT`
    Put,
}

impl Method {
    /// Reads a method name in any case; `None` for one that no operation uses.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Delete, Self::Get, Self::Patch, Self::Post, Self::Put]
            .into_iter()
            .find(|method| method.as_str().eq_ignore_ascii_case(text))
    }

    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Delete => "DELETE",
            Self::Get => "GET",
            Self::Patch => "PATCH",
            Self::Post => "POST",
            Self::Put => "PUT",
        }
    }
}

/// How the answers of an operation are split.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Paging {
    /// Not at all, as far as the specification says.
    None,
    /// `page` alone.
    Page,
    /// `page` and `pageSize`.
    PageSize,
    /// `page` and `pagesize`, in lower case.
    PagesizeLower,
    /// `offset`.
    Offset,
}

/// What a program has to know of an operation. Rows are sorted by API base, then path, then method, then API.
#[derive(Debug)]
pub struct Operation {
    /// The API it belongs to.
    pub api: ApiId,
    /// Its method.
    pub method: Method,
    /// How its answers are split.
    pub paging: Paging,
    /// The specification takes an `Idempotency-Key`.
    pub takes_key: bool,
    /// The specification takes `If-Modified-Since`.
    pub takes_since: bool,
    pub(super) needs: u8,
    pub(super) id_only: bool,
    pub(super) path: &'static str,
    pub(super) id: &'static str,
}

impl Operation {
    /// Its path below the API's base, with `{names}` for parameters.
    pub fn path(&self) -> &'static str {
        self.path
    }

    /// Its name in Xero's specification, unique within its API.
    pub fn id(&self) -> &'static str {
        self.id
    }

    /// Whether its parameter is an id and never a name: `/Reports/{ReportID}`, beside which each report that has a name
    /// is an operation with scopes of its own.
    pub const fn id_only(&self) -> bool {
        self.id_only
    }

    /// Whether it changes nothing.
    pub const fn is_read(&self) -> bool {
        matches!(self.method, Method::Get)
    }
}

/// An operation as the generator writes it.
pub(super) struct OperationRow {
    pub(super) api: ApiId,
    pub(super) method: Method,
    pub(super) paging: Paging,
    /// Which combination of scopes it needs.
    pub(super) needs: u8,
    pub(super) takes_key: bool,
    pub(super) takes_since: bool,
    /// Whether its parameter is an id and never a name.
    pub(super) id_only: bool,
    pub(super) path: &'static str,
    pub(super) id: &'static str,
}

/// The scopes that open an operation: **any one** of them is enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Needs {
    /// Scopes of the granular model.
    pub granular: Mask,
    /// Broad scopes that also open it while they last.
    pub broad: Mask,
    /// Scopes that third parties report and Xero's page does not list.
    pub unlisted: Mask,
}

impl Needs {
    /// No scope is known to open it.
    pub const NOTHING: Self = Self { granular: Mask::EMPTY, broad: Mask::EMPTY, unlisted: Mask::EMPTY };

    /// Every scope that opens it.
    pub const fn any(self) -> Mask {
        self.granular.union(self.broad).union(self.unlisted)
    }
}

/// On what the scopes of an operation rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// Xero's Scopes page names the resource.
    Documented,
    /// Only the `OpenAPI` specification says so.
    Spec,
    /// Derived from the parent resource or the family of reports.
    Inferred,
}

/// What people need to know of an operation; row by row beside [`OPERATIONS`].
#[derive(Debug)]
pub struct OperationFacts {
    /// Whether a custom connection can call it.
    pub held: Held,
    /// On what its scopes rest.
    pub basis: Basis,
    /// Whether the sources leave doubt about its scopes.
    pub uncertain: bool,
    /// How sure its scopes are.
    pub confidence: Confidence,
    /// What else there is to say; empty if nothing.
    pub note: &'static str,
    /// The rule with the date on which Xero ends it; `None` if no end is known.
    pub ends: Option<&'static str>,
    /// Scopes named by the specification, which knows the broad model only.
    pub spec_scopes: Mask,
    /// Query parameters that must be present.
    pub required_query: &'static [&'static str],
    /// Media type of a successful answer; empty if it has no body.
    pub answers: &'static str,
    /// Where the row comes from.
    pub sources: &'static [SourceId],
    /// When the row was last checked against its sources.
    pub checked: &'static str,
}

/// Another way to begin a path. Whatever follows stays as it is.
#[derive(Debug)]
pub struct Alias {
    /// The API whose path it is.
    pub api: ApiId,
    /// How it is written, below the API's base.
    pub path: &'static str,
    /// How the operations write it.
    pub means: &'static str,
    /// Where it was seen.
    pub sources: &'static [SourceId],
    /// When the row was last checked against its sources.
    pub checked: &'static str,
}

/// An operation that Xero no longer has. No set of scopes ever counts with it.
#[derive(Debug)]
pub struct Withdrawn {
    /// The API it belonged to.
    pub api: ApiId,
    /// Its method.
    pub method: Method,
    /// Its path below the API's base, with `{names}` for parameters.
    pub path: &'static str,
    /// Its name in Xero's specification; empty if it never was in it.
    pub id: &'static str,
    /// When it went; `None` if no source says.
    pub until: Option<When>,
    /// The last version of the specification that has it; empty if none ever had.
    pub last: &'static str,
    /// When it went and what takes its place, for people.
    pub note: &'static str,
    /// How sure the row is.
    pub confidence: Confidence,
    /// Where the row comes from.
    pub sources: &'static [SourceId],
    /// When the row was last checked against its sources.
    pub checked: &'static str,
}

/// When a dated rule begins or ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// On this day.
    Day(Date),
    /// On an unknown day of this month: an interval, during which the answer is uncertain.
    Month(u16, u8),
}

impl When {
    /// The first day on which the rule may have changed.
    pub const fn first(self) -> Option<Date> {
        match self {
            Self::Day(date) => Some(date),
            Self::Month(year, month) => Date::new(year, month, 1),
        }
    }
}

/// One rule of the product or the dated end of an API, as Xero states it.
#[derive(Debug)]
pub struct Rule {
    /// `R1` to `R37`: stable.
    pub id: &'static str,
    /// What it says.
    pub text: &'static str,
    /// What other sources add or contradict; empty if nothing.
    pub more: &'static str,
    /// When it starts to hold; `None` if it always has.
    pub from: Option<When>,
    /// When it stops; `None` if no end is known.
    pub until: Option<When>,
    /// A more exact day for the end, by third parties only.
    pub until_reported: Option<Date>,
    /// How sure `text` is. `more` has its own sources and is never surer than [`Confidence::ThirdParty`] unless it says so.
    pub confidence: Confidence,
    /// Where `text` comes from.
    pub sources: &'static [SourceId],
    /// Where `more` comes from.
    pub more_sources: &'static [SourceId],
    /// When the row was last checked against its sources.
    pub checked: &'static str,
}
