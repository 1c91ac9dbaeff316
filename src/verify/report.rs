//! The report: the questions, the observations, and their meaning for the facts of the catalogue.

use serde::Serialize;

use super::observed::Observed;

/// A report about the questions that only a live account settles. In JSON: `{ report, on, version, catalogue, target, calls, questions,
/// draft?, remains, complete, summary }`.
///
/// It has no secret, name or id in it: every text of it is one of this package's, but for `problem`, which is one short word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Verification {
    /// The kind of document: always `xero-m2m verify`.
    pub report: &'static str,
    /// The day.
    pub on: String,
    /// The version of this package.
    pub version: &'static str,
    /// The version of the catalogue, whose facts were compared.
    pub catalogue: &'static str,
    /// The party that answered.
    pub target: VerifiedTarget,
    /// The number of requests that were sent.
    pub calls: usize,
    /// All thirteen questions.
    pub questions: Vec<VerifiedQuestion>,
    /// The draft; absent unless writing was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub draft: Option<VerifiedPart>,
    /// The part of the draft that is left in the organisation.
    pub remains: Remains,
    /// True if there was a token, no request went wrong, and nothing is left behind. Otherwise some states are not known.
    pub complete: bool,
    /// A summary in one sentence.
    pub summary: String,
}

/// The party that answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum VerifiedTarget {
    /// Xero's own addresses.
    Xero,
    /// A local Xero of this package: its answers are no evidence about Xero.
    Local,
    /// Other addresses: their answers are no evidence about Xero.
    Other,
}

/// One question. In JSON: `{ number, question, state, check?, parts }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct VerifiedQuestion {
    /// Its number.
    pub number: u8,
    /// Its text.
    pub question: &'static str,
    /// Its state: `asked` if any part was.
    pub state: QuestionState,
    /// The worst of its parts that were asked; absent if none was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub check: Option<FactCheck>,
    /// Its parts.
    pub parts: Vec<VerifiedPart>,
}

/// A part of a question. In JSON: `{ fact, state, check?, says, seen }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct VerifiedPart {
    /// The fact as this package has it.
    pub fact: &'static str,
    /// Its state.
    pub state: QuestionState,
    /// The result of the comparison; absent if it was not asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub check: Option<FactCheck>,
    /// The observation in words; if it was not asked, the reason or what is missing.
    pub says: String,
    /// The answers that it rests on.
    pub seen: Vec<Observed>,
}

/// The state of a question, or of a part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum QuestionState {
    /// It was asked, and there was an answer.
    Asked,
    /// It was asked, and a request for it went wrong: it is as open as before.
    Failed,
    /// It could not be asked with this connection, which lacks something.
    Unavailable,
    /// It was not asked, as of every connection, or because the number of calls was used up.
    NotAsked,
}

/// The result of comparing answers with a fact, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum FactCheck {
    /// The answer differs from the fact.
    Differs,
    /// The answer does not decide it.
    Unclear,
    /// The answer is as the fact has it.
    Confirmed,
}

/// The part of the draft that is left in the organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum Remains {
    /// None, besides an invoice that Xero shows as deleted if one was created.
    Nothing,
    /// A draft invoice with the reference `xero-m2m verify`, which has to be deleted by hand.
    Draft,
    /// Unknown: such a draft may be there.
    Unknown,
}

/// An answer to a part of a question.
pub(super) struct PartAnswer {
    pub(super) check: FactCheck,
    pub(super) seen: Vec<Observed>,
    pub(super) says: String,
}
