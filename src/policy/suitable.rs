//! Uses that a kind of app is not made for, with any scopes: several organisations, or another country.

use super::claim::Claim;
use super::connection::{ConnectionFacts, Region};
use super::finding::{Finding, FindingKind, Severity};
use crate::catalogue::AppKind;

/// The command with which a user logs in to a Web or PKCE app.
pub(super) const LOGIN: &str = "npx xero-m2m login --client-id ID --scopes SCOPES --vault FILE";

/// Findings against this kind of app for this use; none if there are none, or if nothing is known.
pub(super) fn findings(connection: &ConnectionFacts) -> Vec<Finding> {
    let mut findings = Vec::new();
    if connection.app != AppKind::Custom {
        return findings;
    }
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
        let text = format!(
            "use a Web or PKCE app for machine-to-machine access to this organisation: a user logs in once with {LOGIN}, and \
             the service uses UserConnection of xero-m2m/user"
        );
        add("R27", Severity::Warning, text);
    }
    findings
}
