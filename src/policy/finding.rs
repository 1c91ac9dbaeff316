//! One finding about a connection, by a rule.

use serde::Serialize;

use super::claim::{Citation, Claim, cite_all};
use super::rules::Deadline;
use crate::catalogue::{Confidence, number, rule};

/// The severity of a finding, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum Severity {
    /// It does not work, or stops.
    Error,
    /// It works today, and has to be looked at.
    Warning,
    /// Good to know.
    Info,
}

/// The subject of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum FindingKind {
    /// A call that no scope opens.
    Missing,
    /// A call that the catalogue does not have.
    Unresolved,
    /// A scope that this connection or app cannot hold.
    Impossible,
    /// A scope or a call that ends or has ended.
    Expiring,
    /// A name that the catalogue does not have.
    Unknown,
    /// A scope that opens more than the calls need.
    Broad,
    /// A scope that no call needs.
    Unused,
    /// A change that cannot be undone.
    OneWay,
    /// This kind of app is not made for this.
    Unsuitable,
    /// The facts leave doubt.
    Uncertain,
    /// A statement of the rule, decided for this connection.
    Fact,
    /// A statement of the rule that the input does not decide.
    Advice,
}

/// One finding about a connection, by a rule.
///
/// In JSON: `{ rule, kind, severity, message, scopes, calls?, deadline?, daysLeft?, source, confidence, more? }`. Ordered by
/// severity, then by the number of the rule, then by kind and scopes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// The rule, `R1` to `R46`.
    pub rule: &'static str,
    /// Its subject.
    pub kind: FindingKind,
    /// Its severity.
    pub severity: Severity,
    /// The sentence.
    pub message: String,
    /// The scopes that it is about.
    pub scopes: Vec<String>,
    /// The calls that it is about, by their places in `calls` of the same answer, from 0; absent if it is about none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<usize>,
    /// The day or month on which the rule ends, `YYYY-MM-DD` or `YYYY-MM`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deadline: Option<String>,
    /// Days until the first day of `deadline`; 0 from then on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days_left: Option<u64>,
    /// The source of the sentence.
    pub source: Citation,
    /// The confidence in it.
    pub confidence: Confidence,
    /// Additions and contradictions by other sources.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub more: Option<Remark>,
}

/// An addition or contradiction to a rule by other sources. In JSON: `{ text, sources }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Remark {
    /// The sentence.
    pub text: &'static str,
    /// Its sources; those of the rule if it is an inference from them.
    pub sources: Vec<Citation>,
}

/// The findings of one rule and one severity. In JSON: `{ rule, severity, findings }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct FindingGroup {
    /// The rule.
    pub rule: &'static str,
    /// The severity of all of them.
    pub severity: Severity,
    /// The findings: places in the list that they are from.
    pub findings: Vec<usize>,
}

/// The places of `findings` by rule and severity, in the order of the first of each.
pub(super) fn grouped(findings: &[Finding]) -> Vec<FindingGroup> {
    let mut groups: Vec<FindingGroup> = Vec::new();
    for (place, Finding { rule, severity, .. }) in findings.iter().enumerate() {
        match groups.iter_mut().find(|group| (group.rule, group.severity) == (*rule, *severity)) {
            Some(group) => group.findings.push(place),
            None => groups.push(FindingGroup { rule, severity: *severity, findings: vec![place] }),
        }
    }
    groups
}

impl Finding {
    /// A finding with the sentence of `claim`.
    pub(super) fn new(kind: FindingKind, severity: Severity, claim: Claim) -> Self {
        let more = rule(claim.rule).filter(|row| !row.more.is_empty()).map(|row| {
            let sources = if row.more_sources.is_empty() { row.sources } else { row.more_sources };
            Remark { text: row.more, sources: cite_all(sources) }
        });
        let Claim { rule, text, source, confidence, .. } = claim;
        Self {
            rule,
            kind,
            severity,
            message: text,
            scopes: Vec::new(),
            calls: Vec::new(),
            deadline: None,
            days_left: None,
            source,
            confidence,
            more,
        }
    }

    /// The same finding, about these scopes.
    #[must_use]
    pub(super) fn about<S: Into<String>>(mut self, scopes: impl IntoIterator<Item = S>) -> Self {
        self.scopes = scopes.into_iter().map(Into::into).collect();
        self
    }

    /// The same finding, about the calls at these places.
    #[must_use]
    pub(super) fn of_calls(mut self, places: impl IntoIterator<Item = usize>) -> Self {
        self.calls = places.into_iter().collect();
        self
    }

    /// The same finding, with this deadline.
    #[must_use]
    pub(super) fn until(mut self, deadline: Option<Deadline>) -> Self {
        self.days_left = deadline.as_ref().map(|end| end.days_left);
        self.deadline = deadline.map(|end| end.date);
        self
    }
}

/// Puts findings into their order, each once, with all the calls that it is about.
pub(super) fn sort(findings: &mut Vec<Finding>) {
    findings.sort_by(|a, b| {
        let place = |finding: &Finding| (finding.severity, number(finding.rule), finding.kind);
        place(a).cmp(&place(b)).then_with(|| (&a.scopes, &a.message).cmp(&(&b.scopes, &b.message)))
    });
    findings.dedup_by(|next, own| {
        let calls = core::mem::take(&mut next.calls);
        let kept = core::mem::take(&mut own.calls);
        let is_same = next == own;
        own.calls = kept;
        if is_same {
            own.calls.extend(calls);
            own.calls.sort_unstable();
            own.calls.dedup();
        } else {
            next.calls = calls;
        }
        is_same
    });
}

/// The findings of several answers in one order, each sentence once, with all the calls that it is about. Of a refused call
/// and a scope that have the same reason, the finding about the scope stays.
pub(super) fn merge(mut findings: Vec<Finding>) -> Vec<Finding> {
    sort(&mut findings);
    let mut merged: Vec<Finding> = Vec::new();
    for finding in findings {
        let Some(own) = merged.iter_mut().find(|own| (own.rule, &own.message) == (finding.rule, &finding.message))
        else {
            merged.push(finding);
            continue;
        };
        let mut calls = core::mem::take(&mut own.calls);
        calls.extend(&finding.calls);
        calls.sort_unstable();
        calls.dedup();
        if own.kind == FindingKind::Missing {
            *own = finding;
        }
        own.calls = calls;
    }
    sort(&mut merged);
    merged
}
