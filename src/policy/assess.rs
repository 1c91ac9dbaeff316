//! Assesses a connection on a day: every rule, decided for this connection or given as advice.

use serde::Serialize;

use super::claim::Claim;
use super::connection::{ConnectionFacts, Region};
use super::due::{Due, due};
use super::finding::{self, Finding, FindingKind, Severity};
use super::phrases;
use super::rules::{Age, Deadline, Phase, changes_are_granular, deadline};
use super::suitable;
use super::unknown::{UnknownScope, unknown};
use super::validity::{self, Today, broad, journals, replacements};
use crate::catalogue::{AppKind, Family, Mask, RULES, Rule, Scope, ScopeId, VERSION};
use crate::scope::ScopeSet;
use crate::time::Date;

/// An assessment of a connection by every rule. In JSON: `{ catalogue, on, findings, deadline?, due }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Assessment {
    /// The version of the catalogue.
    pub catalogue: &'static str,
    /// The day of the answer.
    pub on: Date,
    /// At least one for each rule about this kind of app, worst first.
    pub findings: Vec<Finding>,
    /// The end of broad scopes, if it concerns this connection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deadline: Option<Deadline>,
    /// The tasks that have an end date, the nearest first.
    pub due: Vec<Due>,
}

/// Explains each rule about its kind of app for a connection that has `scopes`, on the day `on`.
///
/// A rule that the input decides gives findings of other kinds than [`FindingKind::Advice`]; every other rule is listed once as
/// advice, as the catalogue states it. Without a creation date the rules that depend on it give warnings, not errors.
pub fn assess(scopes: &ScopeSet, connection: &ConnectionFacts, on: Date) -> Assessment {
    let known = scopes.known();
    let subject = Subject {
        scopes,
        connection,
        today: Today::new(connection, on),
        broad: broad(known),
        journals: journals(known),
    };
    let mut findings = validity::findings(known, subject.today);
    findings.extend(suitable::findings(connection));
    findings.extend(unknown(scopes).iter().map(|name: &UnknownScope| name.to_finding(connection.app)));
    for row in RULES.iter().filter(|row| row.apps.contains(&connection.app)) {
        findings.extend(subject.decide(row.id));
        if !findings.iter().any(|finding| finding.rule == row.id) {
            findings.push(advice(row));
        }
    }
    finding::sort(&mut findings);
    let due = due(scopes, None, connection, on);
    Assessment { catalogue: VERSION, on, deadline: subject.deadline(), due, findings }
}

fn advice(row: &'static Rule) -> Finding {
    Finding::new(FindingKind::Advice, Severity::Info, Claim::rule(row.id, row.text))
}

struct Subject<'a> {
    scopes: &'a ScopeSet,
    connection: &'a ConnectionFacts,
    today: Today,
    /// The broad scopes among those configured.
    broad: Mask,
    /// The scopes for Journals among those configured.
    journals: Mask,
}

impl Subject<'_> {
    fn deadline(&self) -> Option<Deadline> {
        let can_have = self.connection.app != AppKind::App && self.today.age != Age::Newer;
        let concerned = can_have && !self.broad.is_empty();
        concerned.then(|| deadline(self.today.words().end, self.today.on)).flatten()
    }

    /// The finding of this rule for the connection as a whole, besides findings about single scopes; `None` if the input does
    /// not decide it.
    fn decide(&self, rule: &'static str) -> Option<Finding> {
        let (kind, severity, text) = match (self.connection.app, rule) {
            (AppKind::Custom, _) => self.custom(rule)?,
            (AppKind::Web | AppKind::Pkce, _) => self.of_user(rule)?,
            (AppKind::App, "R35") => self.has_scopes(),
            (AppKind::App, _) => return None,
        };
        let about = match rule {
            "R6" => self.journals,
            "R11" | "R12" => self.broad,
            _ => Mask::EMPTY,
        };
        let end = if rule == "R11" { self.deadline() } else { None };
        Some(Finding::new(kind, severity, Claim::rule(rule, text)).about(about.names()).until(end))
    }

    /// The decision of a rule for a custom connection.
    fn custom(&self, rule: &'static str) -> Option<Decision> {
        Some(match rule {
            "R1" => self.one_organisation()?,
            "R5" => self.creation()?,
            "R6" => self.older()?,
            "R7" | "R29" => self.newer(rule)?,
            "R10" => fact(if changes_are_granular(self.today.on) {
                "a change made on this day uses granular scopes, however old the connection is".to_owned()
            } else {
                format!("from {}, changes use granular scopes", self.today.cut())
            }),
            "R11" => self.no_way_back()?,
            "R12" => self.replacements()?,
            "R13" if self.broad.is_empty() => fact("no broad scope is configured, so none ends".to_owned()),
            "R24" | "R25" if self.connection.demo == Some(true) => fact(if rule == "R24" {
                "this connection is to the demo company, which is made for tests".to_owned()
            } else {
                "this connection costs nothing, because it is to the demo company".to_owned()
            }),
            "R26" => self.region()?,
            "R28" => self.has_scopes(),
            _ => return None,
        })
    }

    /// The decision of a rule for an app that a user consents to.
    fn of_user(&self, rule: &'static str) -> Option<Decision> {
        let words = self.today.words();
        Some(match rule {
            "R27" => fact(format!(
                "a user logs in once with {}, and the service then uses UserConnection of xero-m2m/user",
                suitable::LOGIN
            )),
            "R36" if self.connection.app == AppKind::Pkce => {
                fact(format!("{} has no secret, so it cannot read its own connections and subscriptions", words.one))
            }
            "R38" => match self.connection.created_on {
                None => self.age_unknown(self.broad),
                Some(created) => {
                    let (when, has) = match self.today.age {
                        Age::Newer => ("not before", "has granular scopes only"),
                        _ => ("before", "may have broad scopes until they end"),
                    };
                    fact(format!("created on {}, {when} {}: it {has}", phrases::day(created), self.today.cut()))
                }
            },
            "R39" if self.broad.is_empty() => fact("no broad scope is asked for, so none ends".to_owned()),
            "R40" => self.has_scopes(),
            "R45" => tier(self.connection.organisations?),
            "R46" if self.scopes.names().any(|name| name == validity::REFRESH) => {
                fact("offline_access is among the scopes, so a refresh token is given".to_owned())
            }
            "R46" => {
                let text = "offline_access is not among the scopes; without it no refresh token is given, and npx xero-m2m \
                            login adds it";
                (FindingKind::Fact, Severity::Warning, text.to_owned())
            }
            _ => return None,
        })
    }

    fn one_organisation(&self) -> Option<Decision> {
        Some(match self.connection.organisations? {
            0 | 1 => fact("this connection is to one organisation, as it has to be".to_owned()),
            _ => return None,
        })
    }

    fn creation(&self) -> Option<Decision> {
        let Some(created) = self.connection.created_on.map(phrases::day) else {
            return Some(self.age_unknown(self.broad.union(self.journals)));
        };
        let cut = self.today.cut();
        match self.today.age {
            Age::Older => {
                Some(fact(format!("created on {created}, before {cut}: it may read Journals if it has the scope")))
            }
            Age::Newer => Some(fact(format!("created on {created}, not before {cut}: it cannot read Journals"))),
            Age::Unknown => None,
        }
    }

    /// The decision of a rule that depends on the day of creation, which is not given; `concerned` are the scopes whose
    /// answer depends on it.
    fn age_unknown(&self, concerned: Mask) -> Decision {
        let severity = if concerned.is_empty() { Severity::Info } else { Severity::Warning };
        let noun = self.today.words().noun;
        let text = format!(
            "the creation date of the {noun} is not given; its scopes depend on whether that is before {}",
            self.today.cut()
        );
        (FindingKind::Uncertain, severity, text)
    }

    fn older(&self) -> Option<Decision> {
        if self.today.age != Age::Older {
            return None;
        }
        Some(if self.journals.is_empty() {
            fact("it was created early enough for Journals, but has no scope for it".to_owned())
        } else {
            let text = "it may keep using Journals; keep the scope and keep this connection, because a new one \
                        would not get it";
            (FindingKind::OneWay, Severity::Warning, text.to_owned())
        })
    }

    fn newer(&self, rule: &str) -> Option<Decision> {
        match self.today.age {
            Age::Unknown => None,
            Age::Older => Some(fact(format!("this does not apply: it was created before {}", self.today.cut()))),
            Age::Newer if rule == "R7" => {
                Some(fact("it has granular scopes only, and no access to Journals".to_owned()))
            }
            Age::Newer => Some(fact("this rule counts it as new: it uses granular scopes".to_owned())),
        }
    }

    /// Returns true if there is a broad scope that can still be lost.
    fn has_broad_to_lose(&self) -> bool {
        self.today.age != Age::Newer && !self.broad.is_empty() && self.today.end != Phase::After
    }

    fn no_way_back(&self) -> Option<Decision> {
        self.has_broad_to_lose().then(|| {
            let text = format!("if you remove {}, it cannot be added again", phrases::or(&self.broad.names()));
            (FindingKind::OneWay, Severity::Warning, text)
        })
    }

    fn replacements(&self) -> Option<Decision> {
        self.has_broad_to_lose().then(|| {
            let replaced = |id: ScopeId| format!("{} by {}", id.name(), phrases::and(&replacements(id).names()));
            let all: Vec<String> = self.broad.iter().map(replaced).collect();
            fact(format!("a broad scope that is removed is replaced for good: {}", all.join("; ")))
        })
    }

    fn region(&self) -> Option<Decision> {
        Some(match self.connection.region? {
            Region::Other => return None,
            region => fact(format!("the organisation is in {}, where custom connections are offered", region.name())),
        })
    }

    fn has_scopes(&self) -> Decision {
        let is_useful = |scope: &Scope| match self.connection.app {
            AppKind::App => scope.family == Family::App,
            _ => !matches!(scope.family, Family::User | Family::App),
        };
        let useful = self.scopes.known().iter().filter_map(ScopeId::row).any(is_useful);
        let (given, seen) = match self.connection.app {
            AppKind::Custom => ("configured", "; the authorising user is shown them"),
            AppKind::Web | AppKind::Pkce => ("asked for", "; the user who consents is shown them"),
            AppKind::App => ("asked for", "; no user has to consent"),
        };
        if !useful && self.scopes.unknown().is_empty() {
            return (FindingKind::Missing, Severity::Error, format!("no scope is {given} that opens anything"));
        }
        let number = u64::try_from(self.scopes.len()).unwrap_or(u64::MAX);
        fact(format!("{} {given}{seen}", phrases::count(number, "scope")))
    }
}

/// The decision about the tier that an app with so many connections needs.
fn tier(organisations: u32) -> Decision {
    const TIERS: [(u32, &str); 3] = [(50, "Core"), (1_000, "Plus"), (u32::MAX, "Advanced")];
    if organisations <= 5 {
        return fact("so few connections fit into every tier".to_owned());
    }
    let tier = TIERS.iter().find(|(most, _)| organisations <= *most).map_or("", |(_, name)| name);
    let text = format!("{organisations} connections need an app of the {tier} tier or above");
    (FindingKind::Unsuitable, Severity::Warning, text)
}

/// The decision of a rule: the kind and severity of the finding, and its sentence.
type Decision = (FindingKind, Severity, String);

fn fact(text: String) -> Decision {
    (FindingKind::Fact, Severity::Info, text)
}
