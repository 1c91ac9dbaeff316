//! The validity of a configured scope on a connection of a given age on a given day.

use super::claim::Claim;
use super::finding::{Finding, FindingKind, Severity};
use super::phrases;
use super::rules::{Age, Phase, age, changes_are_granular, cut, deadline, end_of_broad, end_of_broad_in_words};
use crate::catalogue::{Confidence, Family, Held, Mask, SCOPE_FACTS, ScopeId};
use crate::time::Date;

/// The day of an answer, seen from a connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Today {
    pub(super) on: Date,
    pub(super) age: Age,
    /// The position of the day relative to the end of broad scopes (R13).
    pub(super) end: Phase,
}

impl Today {
    pub(super) fn new(created_on: Option<Date>, on: Date) -> Self {
        Self { on, age: age(created_on), end: end_of_broad(on) }
    }
}

/// The validity of a scope, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Validity {
    /// It opens its operations.
    Valid,
    /// The facts leave doubt.
    Uncertain,
    /// It opens nothing: the connection cannot hold it, or cannot hold it any more.
    Invalid,
}

/// A reason to report a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    /// It belongs to the token of an app itself.
    App,
    /// It belongs to the flows of a user.
    User,
    /// A custom connection cannot hold it for another reason.
    NotForCustomConnections,
    /// Only approved partners hold it.
    Partner,
    /// Xero's page does not list it.
    Unlisted,
    /// The connection is too new for it.
    TooNew,
    /// The age of the connection is not known, and only older ones can hold it.
    AgeUnknown,
    /// It ends on a day ahead.
    Ending,
    /// It ends this month, on an unknown day.
    EndsThisMonth,
    /// It has ended.
    Ended,
    /// It has ended, but the age of the connection is not known.
    EndedAgeUnknown,
    /// It may or may not outlive the broad scopes.
    Outlives,
}

/// The reasons to report the scope on this connection today: one about holding it, one about its end.
pub(super) fn reasons(id: ScopeId, today: Today) -> impl Iterator<Item = Reason> {
    let scope = id.row();
    let held = scope.map_or(Held::Unknown, |scope| scope.held);
    let family = scope.map(|scope| scope.family);
    let holding = match held {
        Held::Yes => None,
        Held::No => Some(match family {
            Some(Family::App) => Reason::App,
            Some(Family::User) => Reason::User,
            _ => Reason::NotForCustomConnections,
        }),
        Held::PartnerOnly => Some(Reason::Partner),
        Held::Disputed | Held::Unknown => Some(Reason::Unlisted),
        Held::LegacyOnly => match today.age {
            Age::Older => None,
            Age::Newer => Some(Reason::TooNew),
            Age::Unknown => Some(Reason::AgeUnknown),
        },
    };
    let lasting = match (family, today.end) {
        _ if held != Held::LegacyOnly || today.age == Age::Newer => None,
        (Some(Family::Broad), Phase::Before) => Some(Reason::Ending),
        (Some(Family::Broad), Phase::Within) => Some(Reason::EndsThisMonth),
        // Without a creation date a dated rule refuses nothing.
        (Some(Family::Broad), Phase::After) if today.age == Age::Unknown => Some(Reason::EndedAgeUnknown),
        (Some(Family::Broad), Phase::After) => Some(Reason::Ended),
        (_, Phase::Before) => None,
        _ => Some(Reason::Outlives),
    };
    holding.into_iter().chain(lasting)
}

/// The validity of the scope on this connection today.
pub(super) fn validity(id: ScopeId, today: Today) -> Validity {
    reasons(id, today).map(Reason::validity).max().unwrap_or(Validity::Valid)
}

/// The scopes of `mask` that are not invalid.
pub(super) fn usable(mask: Mask, today: Today) -> Mask {
    mask.iter().filter(|&id| validity(id, today) != Validity::Invalid).collect()
}

/// The broad scopes of `mask` that custom connections can hold.
pub(super) fn broad(mask: Mask) -> Mask {
    mask.filter(|scope| scope.family == Family::Broad && scope.held == Held::LegacyOnly)
}

/// The scopes of `mask` that only older connections can hold and that are not broad: Journals.
pub(super) fn journals(mask: Mask) -> Mask {
    mask.filter(|scope| scope.family != Family::Broad && scope.held == Held::LegacyOnly)
}

impl Reason {
    /// The validity of a scope for which this reason holds.
    pub(super) const fn validity(self) -> Validity {
        match self {
            Self::App | Self::User | Self::NotForCustomConnections | Self::TooNew | Self::Ended => Validity::Invalid,
            Self::Partner
            | Self::Unlisted
            | Self::AgeUnknown
            | Self::EndsThisMonth
            | Self::EndedAgeUnknown
            | Self::Outlives => Validity::Uncertain,
            Self::Ending => Validity::Valid,
        }
    }

    /// The sentence about the scope.
    pub(super) fn to_claim(self, id: ScopeId) -> Claim {
        let name = id.name();
        let facts = SCOPE_FACTS.get(usize::from(id.0));
        let reason = facts.and_then(|facts| facts.restrictions.last()).map(|text| format!(": {text}"));
        let reason = reason.unwrap_or_default();
        let (cut, end) = (cut(), end_of_broad_in_words());
        match self {
            Self::App => Claim::rule(
                "R35",
                format!("{name} belongs to the token of an app itself; a custom connection cannot hold it"),
            ),
            Self::User => {
                let rule = if name == "offline_access" { "R16" } else { "R20" };
                let what = if name == "offline_access" {
                    "asks for a refresh token, and a custom connection has none"
                } else {
                    "belongs to the sign-in of a user, and a custom connection has no such flow"
                };
                Claim::rule(rule, format!("{name} {what}; remove it"))
            }
            Self::NotForCustomConnections => {
                Claim::scope("R28", id, format!("a custom connection cannot hold {name}{reason}"))
            }
            Self::Partner => Claim::scope(
                "R28",
                id,
                format!(
                    "{name} is for approved partners; whether a custom connection can hold it is not published{reason}"
                ),
            )
            .at_most(Confidence::Inferred),
            Self::Unlisted => Claim::scope("R28", id, format!("{name} is reported by third parties only{reason}"))
                .at_most(Confidence::ThirdParty),
            Self::TooNew => Claim::rule(
                "R7",
                format!("{name} is only for custom connections created before {cut}, and this one is newer"),
            ),
            Self::AgeUnknown => {
                let rule = if broad(Mask::only(id)).is_empty() { "R5" } else { "R29" };
                let text = format!(
                    "{name} is only for custom connections created before {cut}; the creation date of this one is not given"
                );
                Claim::rule(rule, text)
            }
            Self::Ending => {
                Claim::rule("R13", format!("{name} keeps working until {end}, as long as it stays configured"))
            }
            Self::EndsThisMonth => Claim::rule(
                "R13",
                format!("{name} ends this month, on a day that Xero's pages do not state: {end}; it may have ended"),
            ),
            Self::Ended => Claim::rule("R13", format!("{name} has ended: {end}")),
            Self::EndedAgeUnknown => Claim::rule(
                "R13",
                format!("{name} has ended: {end}; without a creation date no call is refused because of it"),
            ),
            Self::Outlives => Claim::rule(
                "R6",
                format!("no source states whether {name} outlives the broad scopes, which end in {end}"),
            )
            .at_most(Confidence::Inferred),
        }
    }

    const fn kind(self) -> FindingKind {
        match self {
            Self::App | Self::User | Self::NotForCustomConnections | Self::TooNew => FindingKind::Impossible,
            Self::Partner | Self::Unlisted | Self::AgeUnknown | Self::Outlives => FindingKind::Uncertain,
            Self::Ending | Self::EndsThisMonth | Self::Ended | Self::EndedAgeUnknown => FindingKind::Expiring,
        }
    }

    const fn severity(self) -> Severity {
        match self {
            Self::App
            | Self::User
            | Self::NotForCustomConnections
            | Self::TooNew
            | Self::EndsThisMonth
            | Self::Ended
            | Self::EndedAgeUnknown => Severity::Error,
            Self::Partner | Self::Unlisted | Self::AgeUnknown | Self::Outlives | Self::Ending => Severity::Warning,
        }
    }
}

/// Findings about the scopes of `mask`.
pub(super) fn findings(mask: Mask, today: Today) -> Vec<Finding> {
    let of = |id: ScopeId| reasons(id, today).map(move |reason| (id, reason));
    mask.iter()
        .flat_map(of)
        .map(|(id, reason)| {
            let kind = reason.kind();
            let mut claim = reason.to_claim(id);
            let end = (kind == FindingKind::Expiring).then(|| deadline("R13", today.on)).flatten();
            if reason == Reason::Ending {
                let days = end.as_ref().map_or(0, |end| end.days_left);
                claim.text = format!("{}; {} left to its first day", claim.text, phrases::count(days, "day"));
            }
            Finding::new(kind, reason.severity(), claim).about([id.name()]).until(end)
        })
        .collect()
}

/// The reason why this scope cannot be added to this connection today; `None` if it can.
pub(super) fn why_not_addable(id: ScopeId, today: Today) -> Option<Claim> {
    let void = reasons(id, today).find(|reason| reason.validity() == Validity::Invalid);
    if let Some(reason) = void {
        return Some(reason.to_claim(id));
    }
    let is_broad = !broad(Mask::only(id)).is_empty();
    (is_broad && changes_are_granular(today.on)).then(|| {
        let text = format!(
            "{} is broad and not configured: changes use granular scopes, and a broad scope that was removed cannot be \
             added again",
            id.name()
        );
        Claim::rule("R11", text)
    })
}

/// The granular scopes that take the place of a broad one (R12); empty for any other.
pub(super) fn replacements(id: ScopeId) -> Mask {
    id.row().map_or(Mask::EMPTY, |scope| scope.replaced_by)
}
