//! The differences between kinds of app: the scopes that each can hold, its rules, and the words for it.

use super::operation::Entry;
use crate::catalogue::{AppKind, Family, Held, Mask, SCOPE_FACTS, ScopeId};

/// The words for a kind of app, and the rules that hold for it.
pub(super) struct KindWords {
    /// One of them, with its article.
    pub(super) one: &'static str,
    /// One of them, in a title.
    pub(super) title: &'static str,
    /// Several of them.
    pub(super) many: &'static str,
    /// What the developer changes.
    pub(super) noun: &'static str,
    /// The rule with the day from which new ones have granular scopes only.
    pub(super) granular: &'static str,
    /// The rule with the end of broad scopes.
    pub(super) end: &'static str,
    /// The rule about getting scopes.
    pub(super) scopes: &'static str,
}

const CUSTOM: KindWords = KindWords {
    one: "a custom connection",
    title: "custom connection",
    many: "custom connections",
    noun: "connection",
    granular: "R7",
    end: "R13",
    scopes: "R28",
};

const WEB: KindWords = KindWords {
    one: "a Web app",
    title: "Web app",
    many: "Web apps",
    noun: "app",
    granular: "R38",
    end: "R39",
    scopes: "R40",
};

const PKCE: KindWords = KindWords { one: "a PKCE app", title: "PKCE app", many: "PKCE apps", ..WEB };

const OWN: KindWords = KindWords {
    one: "the token of an app itself",
    title: "app without a user",
    many: "tokens of apps themselves",
    scopes: "R35",
    ..WEB
};

impl AppKind {
    /// The words and the rules of this kind.
    pub(super) const fn words(self) -> &'static KindWords {
        match self {
            Self::Custom => &CUSTOM,
            Self::Web => &WEB,
            Self::Pkce => &PKCE,
            Self::App => &OWN,
        }
    }

    /// The apps of this kind that can hold the scope.
    pub(super) fn held(self, id: ScopeId) -> Held {
        let of_app = id.row().is_some_and(|scope| scope.family == Family::App);
        match self {
            Self::Custom => id.row().map_or(Held::Unknown, |scope| scope.held),
            Self::App if of_app => Held::Yes,
            Self::App => Held::No,
            Self::Web | Self::Pkce => SCOPE_FACTS.get(usize::from(id.0)).map_or(Held::Unknown, |facts| facts.user_held),
        }
    }

    /// The apps of this kind that can call the operation.
    pub(super) fn can_call(self, entry: Entry) -> Held {
        let openers = entry.with(self).openers();
        if self == Self::Custom || openers.is_empty() {
            return entry.facts().held;
        }
        let by_ease = [Held::Yes, Held::LegacyOnly, Held::PremiumOnly, Held::PartnerOnly, Held::Unknown];
        let is_held = |held: &Held| openers.iter().any(|id| self.held(id) == *held);
        by_ease.into_iter().find(is_held).unwrap_or(Held::No)
    }

    /// The scopes that open the operations about connections, whose rows name none because it depends on the kind of app:
    /// `app.connections` for an app itself; with the token of a user they need no scope of their own, so every one does.
    pub(super) fn of_connections(self) -> Mask {
        match self {
            Self::Custom => Mask::EMPTY,
            Self::App => ScopeId::named("app.connections").map_or(Mask::EMPTY, Mask::only),
            Self::Web | Self::Pkce => {
                let all = (0..).map(ScopeId).take(SCOPE_FACTS.len());
                all.filter(|id| self.held(*id) != Held::No).collect()
            }
        }
    }
}
