//! Names of scopes that the catalogue does not have.

use serde::Serialize;

use super::claim::Claim;
use super::finding::{Finding, FindingKind, Severity};
use super::phrases;
use crate::catalogue::{AppKind, ScopeId};
use crate::scope::{ScopeSet, UnknownReason, parse};

/// A name that the catalogue does not have. In JSON: `{ name, reason?, suggestion? }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "UnknownName"))]
#[serde(rename_all = "camelCase")]
pub struct UnknownScope {
    /// The name.
    pub name: String,
    /// The mistake in it; absent if it does not read as one name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<UnknownReason>,
    /// The scope that is probably meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<&'static str>,
}

impl UnknownScope {
    /// Explains one name.
    pub(super) fn explain(name: &str) -> Self {
        let parsed = parse(name);
        let found = parsed.unknown.first().filter(|found| found.text == name);
        Self {
            name: phrases::one_line(name),
            reason: found.map(|found| found.reason),
            suggestion: found.and_then(|found| found.suggestion),
        }
    }

    /// The scope that is probably meant.
    pub(super) fn meant(&self) -> Option<ScopeId> {
        self.suggestion.and_then(ScopeId::named)
    }

    /// The sentence about the name.
    pub(super) fn to_claim(&self, app: AppKind) -> Claim {
        let name = &self.name;
        let text = match self.suggestion {
            Some(suggestion) => format!("the catalogue does not have {name}; probably {suggestion} is meant"),
            None => format!("the catalogue does not have {name}, so nothing is known of it"),
        };
        Claim::rule(app.words().scopes, text)
    }

    /// The finding about the name.
    pub(super) fn to_finding(&self, app: AppKind) -> Finding {
        Finding::new(FindingKind::Unknown, Severity::Warning, self.to_claim(app)).about([self.name.as_str()])
    }
}

/// The names of the set that the catalogue does not have, each explained.
pub(super) fn unknown(scopes: &ScopeSet) -> Vec<UnknownScope> {
    scopes.unknown().iter().map(|name| UnknownScope::explain(name)).collect()
}
