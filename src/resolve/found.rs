//! Calls, places that could not be read, and counts of lines that were passed over.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use super::usage::RecordedBasis;
use crate::catalogue::{OPERATIONS, Operation};

/// What a text calls. In JSON: `{ calls, unresolved, ignored, recorded? }`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Resolved {
    /// Every operation once, in the order of first appearance.
    pub calls: Vec<Found>,
    /// What looks like a call and is no operation of the catalogue, each once, in the order of first appearance.
    pub unresolved: Vec<Unresolved>,
    /// How much was passed over, and why.
    pub ignored: Ignored,
    /// The recordings among the texts; absent if there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recorded: Option<RecordedBasis>,
    /// How many places use Xero and were not read, besides those of `unresolved`: of operations that are given by their
    /// keys, as the caller counted them.
    #[serde(skip)]
    pub unread: usize,
}

impl Resolved {
    /// Calls of the operations with these keys, such as `accounting.getInvoices`: for programs that know what they call.
    /// Of those in `assumed` too only the path is known, and not the method.
    ///
    /// # Errors
    /// The keys that the catalogue does not have.
    pub fn of_keys<'k>(keys: &[&'k str], assumed: &[&str]) -> Result<Self, Vec<&'k str>> {
        let by_key: BTreeMap<String, u16> =
            (0_u16..).zip(OPERATIONS.iter()).map(|(row, own)| (own.key(), row)).collect();
        let mut unknown: Vec<&str> = keys.iter().copied().filter(|key| !by_key.contains_key(*key)).collect();
        unknown.dedup();
        if !unknown.is_empty() {
            return Err(unknown);
        }
        let mut resolved = Self::of_operations(keys.iter().filter_map(|key| by_key.get(*key).copied()));
        for call in resolved.calls.iter_mut().filter(|call| assumed.contains(&call.text.as_str())) {
            call.assumed = Some(Assumed::Get);
        }
        Ok(resolved)
    }

    /// Calls of these rows of [`OPERATIONS`], each by its key.
    pub fn of_operations(rows: impl IntoIterator<Item = u16>) -> Self {
        let known = |row: u16| Some((row, OPERATIONS.get(usize::from(row))?.key()));
        let call = |(row, text)| Found {
            text,
            input: 0,
            at: 0,
            line: 1,
            rows: vec![row],
            ambiguous: false,
            assumed: None,
            recorded: false,
            times: 1,
        };
        Self { calls: rows.into_iter().filter_map(known).map(call).collect(), ..Self::default() }
    }

    /// The rows of all calls, in their order.
    pub fn rows(&self) -> impl Iterator<Item = u16> {
        self.calls.iter().flat_map(|call| call.rows.iter().copied())
    }
}

/// A call of an operation, or of one of several.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "ResolvedCall"))]
#[serde(rename_all = "camelCase")]
pub struct Found {
    /// How it is written where it appears first, or first for sure: at most 100 characters, no query, no credentials.
    /// In JSON, escapes are decoded.
    pub text: String,
    /// In which of several texts, from 0.
    pub input: usize,
    /// Where that starts, in UTF-16 code units from the start of the text, as JavaScript counts.
    pub at: usize,
    /// On which line that is; the first is 1.
    pub line: usize,
    /// The operations that it may be, in the order of the catalogue; several if the text does not say which API it is.
    // Rows of `OPERATIONS`; in JSON their keys.
    #[serde(rename = "operations", serialize_with = "keys")]
    #[cfg_attr(feature = "schema", schemars(with = "Vec<String>"))]
    pub rows: Vec<u16>,
    /// Whether there are several: the same path or id in more than one API.
    pub ambiguous: bool,
    /// What the text leaves open at every appearance; absent if nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assumed: Option<Assumed>,
    /// True if only recordings have it; absent otherwise.
    #[serde(skip_serializing_if = "core::ops::Not::not")]
    pub recorded: bool,
    /// How often it appears.
    pub times: usize,
}

/// What a call leaves open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Assumed {
    /// The method: no word of one, so `GET`.
    Get,
    /// That it is Xero's: the method has one of Xero's names, but does not belong to anything named after an API.
    Receiver,
    /// The operation: the specification has no such method on this path, but the same scopes open every write that it has
    /// there, and this is one of those.
    Write,
}

/// What looks like a call and is no operation of the catalogue. Xero may still have it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "UnresolvedCall"))]
#[serde(rename_all = "camelCase")]
pub struct Unresolved {
    /// How it is written, at most 100 characters of it; empty if nothing of it can be shown.
    pub text: String,
    /// In which of several texts, from 0.
    pub input: usize,
    /// Where it appears first, in UTF-16 code units from the start of the text.
    pub at: usize,
    /// On which line that is; the first is 1.
    pub line: usize,
    /// What is wrong with it.
    pub why: Why,
    /// The same as a clause whose subject is `text`, or the file where that is empty.
    pub message: &'static str,
    /// The method of a request, `GET` if there is none; absent for the method of an SDK.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<&'static str>,
    /// What the catalogue knows of it: when Xero withdrew the operation, and what takes its place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<&'static str>,
    /// The nearest operations, nearest first, at most three; for `unknownPath` every operation that it may be, where that
    /// is known. None after 500 unresolved calls.
    // Rows of `OPERATIONS`; in JSON their keys.
    #[serde(serialize_with = "keys")]
    #[cfg_attr(feature = "schema", schemars(with = "Vec<String>"))]
    pub candidates: Vec<u16>,
    /// How often it appears.
    pub times: usize,
}

/// The reason why something is unresolved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "UnresolvedReason"))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Why {
    /// The catalogue has no such method and path, or no such id.
    NoOperation,
    /// Xero had such an operation and has it no longer.
    Withdrawn,
    /// The file ends early, is broken or is nested too deeply here: what follows was not read, or only in part.
    Broken,
    /// A host or a base of Xero's API, an import of an SDK or a client: no call was found that uses it.
    NoCall,
    /// A path below Xero's API, with a value in it that is not known.
    UnknownPath,
    /// A library for Xero whose calls are not read.
    LibraryNotRead,
    /// A method of an SDK that the catalogue does not have, or whose name is only known when the program runs.
    UnknownMethod,
}

impl Why {
    /// The reason as a clause whose subject is what is unresolved.
    pub const fn words(self) -> &'static str {
        match self {
            Self::NoOperation => "is no operation of the catalogue",
            Self::Withdrawn => "is an operation that Xero withdrew",
            Self::Broken => "ends early, is broken or is nested too deeply here: what follows was not read",
            Self::NoCall => "is Xero's, and no call was found that uses it",
            Self::UnknownPath => "has a part in its path that is not known",
            Self::LibraryNotRead => "belongs to a library for Xero whose calls are not read",
            Self::UnknownMethod => "is no method that the catalogue has",
        }
    }
}

/// How much was passed over, and why: lines, commands or entries of a HAR file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "IgnoredLines"))]
#[serde(rename_all = "camelCase")]
pub struct Ignored {
    /// Nothing but white space.
    pub blank: usize,
    /// Comments.
    pub comments: usize,
    /// A URL of a host that is not Xero's API.
    pub other_hosts: usize,
    /// Signing in and getting tokens: no operation, and no scope opens it.
    pub sign_in: usize,
    /// Questions that a browser asks before a call (`OPTIONS`).
    pub preflights: usize,
    /// Descriptions of Xero's API (`OpenAPI`) that were found in folders: they say what Xero has, and not what is called.
    pub descriptions: usize,
    /// Prose, code, and everything else without a call.
    pub other: usize,
}

fn keys<S: Serializer>(rows: &[u16], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(rows.iter().filter_map(|&row| OPERATIONS.get(usize::from(row))).map(Operation::key))
}
