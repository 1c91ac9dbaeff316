//! A sentence with its source.

use serde::Serialize;

use super::operation::Entry;
use crate::catalogue::{Confidence, SCOPE_FACTS, SOURCES, ScopeId, SourceId, rule};

/// A source of the catalogue. In JSON: `{ key, title, url? }`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Citation {
    /// Its key in the catalogue, such as `xero-custom-integration-faq`.
    pub key: &'static str,
    /// Its title.
    pub title: &'static str,
    /// Its public address; absent for a report without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<&'static str>,
}

impl Citation {
    fn of(id: SourceId) -> Option<Self> {
        let source = SOURCES.get(usize::from(id.0))?;
        Some(Self { key: source.key, title: source.title, url: source.url })
    }
}

/// The citations of these sources, the most important first.
pub(super) fn cite_all(sources: &[SourceId]) -> Vec<Citation> {
    sources.iter().filter_map(|&id| Citation::of(id)).collect()
}

/// The first of these sources. The catalogue's lint proves that no row is without one.
fn cite(sources: &[SourceId]) -> Citation {
    sources.first().and_then(|&id| Citation::of(id)).unwrap_or_default()
}

/// A sentence and its source. In JSON: `{ rule, text, operations?, source, confidence }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Claim {
    /// The rule that decides, `R1` to `R46`.
    pub rule: &'static str,
    /// The sentence.
    pub text: String,
    /// The operations that it is about, by key; absent if it is about none in particular.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub operations: Vec<String>,
    /// The source of the sentence.
    pub source: Citation,
    /// The confidence in it.
    pub confidence: Confidence,
}

impl Claim {
    /// A sentence that rests on the rule called `id`.
    pub(super) fn rule(id: &'static str, text: impl Into<String>) -> Self {
        let (source, confidence) =
            rule(id).map_or((Citation::default(), Confidence::Inferred), |row| (cite(row.sources), row.confidence));
        Self { rule: id, text: text.into(), operations: Vec::new(), source, confidence }
    }

    /// A sentence that rests on what other sources add to the rule called `id`, which are third parties.
    pub(super) fn reported(id: &'static str, text: impl Into<String>) -> Self {
        let source = rule(id).map_or(Citation::default(), |row| cite(row.more_sources));
        Self { rule: id, text: text.into(), operations: Vec::new(), source, confidence: Confidence::ThirdParty }
    }

    /// A sentence that rests on the facts of a scope.
    pub(super) fn scope(id: &'static str, scope: ScopeId, text: impl Into<String>) -> Self {
        let facts = SCOPE_FACTS.get(usize::from(scope.0));
        let (source, confidence) =
            facts.map_or((Citation::default(), Confidence::Inferred), |facts| (cite(facts.sources), facts.confidence));
        Self { rule: id, text: text.into(), operations: Vec::new(), source, confidence }
    }

    /// A sentence that rests on the facts of an operation.
    pub(super) fn operation(id: &'static str, entry: Entry, text: impl Into<String>) -> Self {
        let confidence = entry.facts().confidence;
        let operations = vec![entry.operation().key()];
        Self { rule: id, text: text.into(), operations, source: cite(entry.facts().sources), confidence }
    }

    /// The same sentence, about these operations.
    #[must_use]
    pub(super) fn about(mut self, operations: impl IntoIterator<Item = String>) -> Self {
        self.operations = operations.into_iter().collect();
        self
    }

    /// Merges equal sentences into one with the operations of all of them.
    pub(super) fn once(claims: impl IntoIterator<Item = Self>) -> Vec<Self> {
        let mut once: Vec<Self> = Vec::new();
        for claim in claims {
            match once.iter_mut().find(|own| own.is_alike(&claim)) {
                Some(own) => own.operations.extend(claim.operations),
                None => once.push(claim),
            }
        }
        once
    }

    fn is_alike(&self, other: &Self) -> bool {
        (self.rule, &self.text, self.source, self.confidence)
            == (other.rule, &other.text, other.source, other.confidence)
    }

    /// The same sentence, with no more confidence than `at_most`.
    #[must_use]
    pub(super) fn at_most(mut self, at_most: Confidence) -> Self {
        self.confidence = self.confidence.max(at_most);
        self
    }
}
