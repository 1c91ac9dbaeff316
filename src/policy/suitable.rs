//! Uses that custom connections are not made for, with any scopes: several organisations, or another country.

use super::claim::Claim;
use super::connection::{ConnectionFacts, Region};
use super::finding::{Finding, FindingKind, Severity};

/// Findings against a custom connection for this use; none if there are none, or if nothing is known.
pub(super) fn findings(connection: &ConnectionFacts) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut add = |rule: &'static str, severity, text: String| {
        findings.push(Finding::new(FindingKind::Unsuitable, severity, Claim::rule(rule, text)));
    };
    if let Some(many) = connection.organisations.filter(|&many| many > 1) {
        let text = format!("one custom connection cannot reach {many} organisations: each needs its own");
        add("R1", Severity::Error, text);
    }
    if connection.region == Some(Region::Other) {
        let text = "custom connections are for organisations in Australia, New Zealand, the United Kingdom and the United \
                    States, and this one is elsewhere";
        add("R26", Severity::Error, text.to_owned());
        let text = "use the Web or PKCE flow for machine-to-machine access to this organisation, and handle authorisation \
                    outside the app";
        add("R27", Severity::Warning, text.to_owned());
    }
    findings
}
