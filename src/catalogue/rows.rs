//! The types of the tables' rows.

use serde::Serialize;

use super::app::AppKind;
use super::country::Country;
use super::mask::Mask;
use crate::time::Date;

/// A scope, with the fields that a program needs.
#[derive(Debug)]
pub struct Scope {
    /// The name as Xero writes it.
    pub name: &'static str,
    /// The group that it belongs to since the split of 2026.
    pub family: Family,
    /// Its availability today.
    pub status: Status,
    /// The kind of operations that it opens.
    pub access: Access,
    /// The custom connections that can hold it.
    pub held: Held,
    /// The granular scopes that replace it.
    pub replaced_by: Mask,
}

/// A group of scopes in the split of 2026.
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

/// The availability of a scope today.
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

/// The kind of operations that a scope opens.
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

/// The connections or apps of one kind that can hold a scope or call an operation. In JSON: the words of `README.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Held {
    /// All of them.
    Yes,
    /// None.
    No,
    /// Only connections created before 29 April 2026, while they keep it (rules R6, R11, R13); Web and PKCE apps created
    /// before 2 March 2026 (R38, R39).
    LegacyOnly,
    /// Only those of approved partners; Xero does not publish if a custom connection can be one.
    PartnerOnly,
    /// Only those of the Advanced tier or above, with Xero's approval of the use (rule R42).
    PremiumOnly,
    /// The sources contradict each other.
    Disputed,
    /// Unknown: no source has it.
    Unknown,
}

/// The quality of a row's sources, best first. In JSON: the words of `README.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// Stated by Xero's own text.
    Documented,
    /// Taken from code that Xero publishes.
    Sdk,
    /// Reported by a third party.
    ThirdParty,
    /// Inferred from other rows.
    Inferred,
    /// The sources contradict each other.
    Conflict,
}

/// The source of a row: the number of a row of [`SOURCES`](super::SOURCES).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(pub u8);

/// Something a reader can open, or a dated report that has no public address.
#[derive(Debug)]
pub struct Source {
    /// A short stable key, such as `xero-scopes`.
    pub key: &'static str,
    /// Its title.
    pub title: &'static str,
    /// Its public address; `None` for a third-party report without one.
    pub url: Option<&'static str>,
    /// The date on which it was written or read, as far as that is known.
    pub date: &'static str,
}

/// The facts about a scope for people; one row for each row of [`SCOPES`](super::SCOPES).
#[derive(Debug)]
pub struct ScopeFacts {
    /// The API it belongs to.
    pub api: &'static str,
    /// Its purpose.
    pub description: &'static str,
    /// The resources it opens, as Xero's page names them.
    pub resources: &'static [&'static str],
    /// Limits of its use.
    pub restrictions: &'static [&'static str],
    /// Further remarks; may be empty.
    pub note: &'static str,
    /// The Web and PKCE apps that can hold it.
    pub user_held: Held,
    /// The dates of its start and its end as the sources have them: a label, and a date or a sentence.
    pub dates: &'static [(&'static str, &'static str)],
    /// The quality of its sources.
    pub confidence: Confidence,
    /// The sources of the row.
    pub sources: &'static [SourceId],
    /// The date of the last check of the row against its sources.
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
    /// The country whose organisations it is for; `None` if it is for all.
    pub country: Option<Country>,
}

/// The number of a row of [`APIS`](super::APIS).
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

/// The way in which the answers of an operation are split into pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Paging {
    /// Not split, according to the specification.
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

/// An operation, with the fields that a program needs. Rows are sorted by API base, then path, then method, then API.
#[derive(Debug)]
pub struct Operation {
    /// The API it belongs to.
    pub api: ApiId,
    /// Its method.
    pub method: Method,
    /// The way in which its answers are split into pages.
    pub paging: Paging,
    /// True if the specification has an `Idempotency-Key` for it.
    pub takes_key: bool,
    /// True if the specification has `If-Modified-Since` for it.
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

    /// Returns whether its parameter can only be an id, not a name. This is so for `/Reports/{ReportID}`: each report with
    /// a name is an operation with its own scopes.
    pub const fn id_only(&self) -> bool {
        self.id_only
    }

    /// Returns whether it only reads.
    pub const fn is_read(&self) -> bool {
        matches!(self.method, Method::Get)
    }
}

/// An operation as the generator writes it.
pub(super) struct OperationRow {
    pub(super) api: ApiId,
    pub(super) method: Method,
    pub(super) paging: Paging,
    /// The row of the combination of scopes that open it.
    pub(super) needs: u8,
    pub(super) takes_key: bool,
    pub(super) takes_since: bool,
    /// True if its parameter can only be an id, not a name.
    pub(super) id_only: bool,
    /// The path, packed: see `packed.rs`.
    pub(super) path: &'static str,
    /// The id, packed: see `packed.rs`.
    pub(super) id: &'static str,
}

/// The scopes that open an operation: **any one** of them is enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Needs {
    /// Scopes of the granular model.
    pub granular: Mask,
    /// Broad scopes that also open it, until Xero ends them.
    pub broad: Mask,
    /// Scopes that third parties report and Xero's page does not list.
    pub unlisted: Mask,
}

impl Needs {
    /// The needs of an operation that no known scope opens.
    pub const NOTHING: Self = Self { granular: Mask::EMPTY, broad: Mask::EMPTY, unlisted: Mask::EMPTY };

    /// The scopes that open it, of all three kinds.
    pub const fn any(self) -> Mask {
        self.granular.union(self.broad).union(self.unlisted)
    }
}

/// The evidence for the scopes of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// Xero's Scopes page names the resource.
    Documented,
    /// Only the `OpenAPI` specification states it.
    Spec,
    /// Derived from the parent resource or the family of reports.
    Inferred,
}

/// The facts about an operation for people; one row for each row of [`OPERATIONS`](super::OPERATIONS).
#[derive(Debug)]
pub struct OperationFacts {
    /// The custom connections that can call it.
    pub held: Held,
    /// The evidence for its scopes.
    pub basis: Basis,
    /// True if the sources leave doubt about its scopes.
    pub uncertain: bool,
    /// The quality of the sources for its scopes.
    pub confidence: Confidence,
    /// Further remarks; may be empty.
    pub note: &'static str,
    /// The rule with the date on which Xero ends it; `None` if no end is known.
    pub ends: Option<&'static str>,
    /// Scopes named by the specification, which knows the broad model only.
    pub spec_scopes: Mask,
    /// Query parameters that must be present.
    pub required_query: &'static [&'static str],
    /// Media type of a successful answer; empty if it has no body.
    pub answers: &'static str,
    /// The sources of the row.
    pub sources: &'static [SourceId],
    /// The date of the last check of the row against its sources.
    pub checked: &'static str,
}

/// Another way to write the beginning of a path. The rest of the path stays as it is.
#[derive(Debug)]
pub struct Alias {
    /// The API whose path it is.
    pub api: ApiId,
    /// The other way to write it, below the API's base.
    pub path: &'static str,
    /// The beginning that the operations have.
    pub means: &'static str,
    /// The sources of the row.
    pub sources: &'static [SourceId],
    /// The date of the last check of the row against its sources.
    pub checked: &'static str,
}

/// An operation that Xero no longer has. It is never counted when scopes are chosen.
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
    /// The date of its end; `None` if no source has one.
    pub until: Option<When>,
    /// The last version of the specification that has it; empty if none does.
    pub last: &'static str,
    /// Its end and its replacement, for people.
    pub note: &'static str,
    /// The quality of its sources.
    pub confidence: Confidence,
    /// The sources of the row.
    pub sources: &'static [SourceId],
    /// The date of the last check of the row against its sources.
    pub checked: &'static str,
}

/// The date on which a dated rule begins or ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// This day.
    Day(Date),
    /// An unknown day of this month. During the month, answers are uncertain.
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
    /// `R1` to `R46`: stable.
    pub id: &'static str,
    /// The kinds of app that it is about.
    pub apps: &'static [AppKind],
    /// Its text.
    pub text: &'static str,
    /// Additions and contradictions from other sources; may be empty.
    pub more: &'static str,
    /// The date from which it applies; `None` if it has always applied.
    pub from: Option<When>,
    /// The date on which it ends; `None` if no end is known.
    pub until: Option<When>,
    /// A more exact day for the end, which only third parties report.
    pub until_reported: Option<Date>,
    /// The quality of the sources of `text`. `more` has its own sources; read it as [`Confidence::ThirdParty`] unless it
    /// states otherwise.
    pub confidence: Confidence,
    /// The sources of `text`.
    pub sources: &'static [SourceId],
    /// The sources of `more`.
    pub more_sources: &'static [SourceId],
    /// The date of the last check of the row against its sources.
    pub checked: &'static str,
}
