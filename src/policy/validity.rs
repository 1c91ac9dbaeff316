//! The validity of a configured scope on a connection or an app of a given kind and age on a given day.

use super::claim::Claim;
use super::connection::{ConnectionFacts, Region};
use super::finding::{Finding, FindingKind, Severity};
use super::kinds::KindWords;
use super::operation::Entry;
use super::phrases;
use super::rules::{Age, Phase, age, changes_are_granular, cut, deadline, end_of_broad, end_of_broad_in_words};
use crate::catalogue::{AppKind, Confidence, Family, Held, Mask, SCOPE_FACTS, ScopeId, Status};
use crate::time::Date;

/// The day of an answer, seen from a connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Today {
    pub(super) on: Date,
    pub(super) app: AppKind,
    pub(super) age: Age,
    /// The position of the day relative to the end of broad scopes (R13, R39).
    pub(super) end: Phase,
    /// The country of the organisation, if it is known.
    pub(super) region: Option<Region>,
}

impl Today {
    pub(super) fn new(connection: &ConnectionFacts, on: Date) -> Self {
        let ConnectionFacts { app, created_on, region, .. } = *connection;
        Self { on, app, age: age(app, created_on), end: end_of_broad(on), region }
    }

    /// The same for a connection that has `scopes`. If only older ones can have some of them, and it is said to be newer, one of the
    /// two facts is wrong: its age then counts as unknown, so that nothing rests on the day.
    pub(super) fn of(connection: &ConnectionFacts, scopes: Mask, on: Date) -> Self {
        let today = Self::new(connection, on);
        if today.contradicts(scopes).is_empty() { today } else { Self { age: Age::Unknown, ..today } }
    }

    /// The scopes of `has` that a connection of this age cannot have.
    fn contradicts(self, has: Mask) -> Mask {
        has.iter().filter(|&id| reasons(id, self).any(|reason| reason == Reason::TooNew)).collect()
    }

    /// The words and the rules of the kind of app.
    pub(super) const fn words(self) -> &'static KindWords {
        self.app.words()
    }

    /// The first day of the granular model, for sentences.
    pub(super) fn cut(self) -> String {
        cut(self.app)
    }

    /// The operation of this row, called by this kind of app.
    pub(super) fn entry(self, row: u16) -> Option<Entry> {
        Some(Entry::at(row)?.with(self.app))
    }

    /// Every operation, called by this kind of app.
    pub(super) fn operations(self) -> impl Iterator<Item = Entry> {
        Entry::all().map(move |entry| entry.with(self.app))
    }
}

/// The scope that gives a refresh token.
pub(super) const REFRESH: &str = "offline_access";

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
    /// This kind of app cannot hold it for another reason.
    NotForThisKind,
    /// Only approved partners hold it.
    Partner,
    /// Only apps of the Advanced tier hold it.
    Premium,
    /// The product that it belongs to has been closed, as far as is known.
    Closed,
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
    let held = today.app.held(id);
    let family = scope.map(|scope| scope.family);
    let holding = match held {
        Held::Yes => {
            let is_closed =
                family == Some(Family::App) && scope.is_some_and(|scope| scope.status == Status::Deprecated);
            is_closed.then_some(Reason::Closed)
        }
        Held::No => Some(match family {
            Some(Family::App) => Reason::App,
            Some(Family::User) => Reason::User,
            _ => Reason::NotForThisKind,
        }),
        Held::PartnerOnly => Some(Reason::Partner),
        Held::PremiumOnly => Some(Reason::Premium),
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

/// The broad scopes of `mask` that older custom connections and older apps of users can hold.
pub(super) fn broad(mask: Mask) -> Mask {
    mask.filter(|scope| scope.family == Family::Broad && scope.held == Held::LegacyOnly)
}

/// The scopes of `mask` that only older custom connections can hold and that are not broad: Journals.
pub(super) fn journals(mask: Mask) -> Mask {
    mask.filter(|scope| scope.family != Family::Broad && scope.held == Held::LegacyOnly)
}

/// The scopes of `mask` that belong to the sign-in of a user: no call needs them.
pub(super) fn of_sign_in(mask: Mask) -> Mask {
    mask.filter(|scope| scope.family == Family::User)
}

impl Reason {
    /// The validity of a scope for which this reason holds.
    pub(super) const fn validity(self) -> Validity {
        match self {
            Self::App | Self::User | Self::NotForThisKind | Self::TooNew | Self::Ended => Validity::Invalid,
            Self::Partner
            | Self::Premium
            | Self::Closed
            | Self::Unlisted
            | Self::AgeUnknown
            | Self::EndsThisMonth
            | Self::EndedAgeUnknown
            | Self::Outlives => Validity::Uncertain,
            Self::Ending => Validity::Valid,
        }
    }

    /// The sentence about the scope.
    pub(super) fn to_claim(self, id: ScopeId, today: Today) -> Claim {
        let name = id.name();
        let KindWords { one, many, granular, end: end_rule, scopes, .. } = today.words();
        let facts = SCOPE_FACTS.get(usize::from(id.0));
        let reason = facts.and_then(|facts| facts.restrictions.last()).map(|text| format!(": {text}"));
        let reason = reason.unwrap_or_default();
        let (cut, end) = (today.cut(), end_of_broad_in_words());
        match self {
            Self::App => {
                Claim::rule("R35", format!("{name} belongs to the token of an app itself; {one} cannot hold it"))
            }
            Self::User => {
                let (rule, what) = match (today.app, name) {
                    (AppKind::Custom, REFRESH) => ("R16", format!("asks for a refresh token, and {one} has none")),
                    (AppKind::Custom, _) => {
                        ("R20", format!("belongs to the sign-in of a user, and {one} has no such flow"))
                    }
                    _ => ("R35", format!("belongs to the sign-in of a user, and {one} is got without one")),
                };
                Claim::rule(rule, format!("{name} {what}; remove it"))
            }
            Self::NotForThisKind if today.app == AppKind::App => {
                Claim::rule("R35", format!("{name} opens the data of an organisation, and {one} reaches none"))
            }
            Self::NotForThisKind => Claim::scope(scopes, id, format!("{one} cannot hold {name}{reason}")),
            Self::Partner => {
                let is_published = today.app != AppKind::Custom;
                let doubt =
                    if is_published { String::new() } else { format!("; whether {one} can hold it is not published") };
                Claim::scope(scopes, id, format!("{name} is for approved partners{doubt}{reason}"))
                    .at_most(if is_published { Confidence::Documented } else { Confidence::Inferred })
            }
            Self::Premium => Claim::rule(
                "R42",
                format!("{name} is for apps of the Advanced tier or above, once Xero has approved the use"),
            ),
            Self::Closed => Claim::scope(scopes, id, format!("{name} may open nothing any more{reason}"))
                .at_most(Confidence::ThirdParty),
            Self::Unlisted => Claim::scope(scopes, id, format!("{name} is reported by third parties only{reason}"))
                .at_most(Confidence::ThirdParty),
            Self::TooNew => {
                Claim::rule(granular, format!("{name} is only for {many} created before {cut}, and this one is newer"))
            }
            Self::AgeUnknown => {
                let rule = match today.app {
                    AppKind::Custom if broad(Mask::only(id)).is_empty() => "R5",
                    AppKind::Custom => "R29",
                    _ => granular,
                };
                let text =
                    format!("{name} is only for {many} created before {cut}; when this one was created is not known");
                Claim::rule(rule, text)
            }
            Self::Ending if today.app == AppKind::Custom => {
                Claim::rule(end_rule, format!("{name} keeps working until {end}, as long as it stays configured"))
            }
            Self::Ending => Claim::rule(end_rule, format!("{name} works until {end}")),
            Self::EndsThisMonth => Claim::rule(
                end_rule,
                format!("{name} ends this month, on a day that Xero's pages do not state: {end}; it may have ended"),
            ),
            Self::Ended => Claim::rule(end_rule, format!("{name} has ended: {end}")),
            Self::EndedAgeUnknown => Claim::rule(
                end_rule,
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
            Self::App | Self::User | Self::NotForThisKind | Self::TooNew => FindingKind::Impossible,
            Self::Partner | Self::Premium | Self::Closed | Self::Unlisted | Self::AgeUnknown | Self::Outlives => {
                FindingKind::Uncertain
            }
            Self::Ending | Self::EndsThisMonth | Self::Ended | Self::EndedAgeUnknown => FindingKind::Expiring,
        }
    }

    const fn severity(self) -> Severity {
        match self {
            Self::App
            | Self::User
            | Self::NotForThisKind
            | Self::TooNew
            | Self::EndsThisMonth
            | Self::Ended
            | Self::EndedAgeUnknown => Severity::Error,
            Self::Partner
            | Self::Premium
            | Self::Closed
            | Self::Unlisted
            | Self::AgeUnknown
            | Self::Outlives
            | Self::Ending => Severity::Warning,
        }
    }
}

/// The finding about a connection that has scopes which one created on the given day cannot have; `None` if there are none.
pub(super) fn contradiction(connection: &ConnectionFacts, scopes: Mask, on: Date) -> Option<Finding> {
    let today = Today::new(connection, on);
    let names = today.contradicts(scopes).names();
    let created = connection.created_on.filter(|_| !names.is_empty()).map(phrases::day)?;
    let text = format!(
        "the scopes and the day of creation contradict each other: only {} created before {} can have {}, and {created} is given; \
         look the day up, because this answer rests on the scopes alone",
        today.words().many,
        today.cut(),
        phrases::and(&names)
    );
    let claim = Claim::rule(today.words().granular, text);
    Some(Finding::new(FindingKind::Uncertain, Severity::Warning, claim).about(names))
}

/// Findings about the scopes of `mask`.
pub(super) fn findings(mask: Mask, today: Today) -> Vec<Finding> {
    let of = |id: ScopeId| reasons(id, today).map(move |reason| (id, reason));
    mask.iter()
        .flat_map(of)
        .map(|(id, reason)| {
            let kind = reason.kind();
            let mut claim = reason.to_claim(id, today);
            let end = (kind == FindingKind::Expiring).then(|| deadline(today.words().end, today.on)).flatten();
            if reason == Reason::Ending {
                let days = end.as_ref().map_or(0, |end| end.days_left);
                claim.text = format!("{}; {} left to its first day", claim.text, phrases::count(days, "day"));
            }
            Finding::new(kind, reason.severity(), claim).about([id.name()]).until(end)
        })
        .collect()
}

/// The reason why this scope cannot be added today; `None` if it can.
pub(super) fn why_not_addable(id: ScopeId, today: Today) -> Option<Claim> {
    let void = reasons(id, today).find(|reason| reason.validity() == Validity::Invalid);
    if let Some(reason) = void {
        return Some(reason.to_claim(id, today));
    }
    let is_broad = !broad(Mask::only(id)).is_empty();
    (is_broad && today.app == AppKind::Custom && changes_are_granular(today.on)).then(|| {
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
