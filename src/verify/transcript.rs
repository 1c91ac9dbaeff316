//! The answers so far, as the questions read them.

use super::ask::Ask;
use super::heard::Heard;
use super::observed::Observed;
use super::report::{FactCheck, PartAnswer};
use crate::catalogue::{Country, Paging, ScopeId};
use crate::policy::Entry;
use crate::scope::ScopeSet;
use crate::text::words;

/// The name of the request for the token of all configured scopes.
pub(super) const TOKEN: &str = "token";
/// The name of the request for a token of one scope.
pub(super) const SINGLE: &str = "token.single";
/// The name of the first call, without a `xero-tenant-id`.
pub(super) const FIRST_CALL: &str = "tenant.absent";

/// The reason why a question has no answer yet, or gets none.
pub(super) enum Stop {
    /// These requests have to be sent first.
    Needs(Vec<Ask>),
    /// The connection lacks something.
    Missing(String),
    /// It is not asked of any connection.
    Never(&'static str),
    /// A request went wrong.
    Failed(Box<Observed>),
}

/// The result of a question.
pub(super) type PartResult = Result<PartAnswer, Stop>;

/// The answers so far.
#[derive(Clone, Copy)]
pub(super) struct Transcript<'h>(pub(super) &'h [Heard]);

impl<'h> Transcript<'h> {
    /// The answer to the request of this name.
    pub(super) fn find(self, id: &str) -> Option<&'h Heard> {
        self.0.iter().find(|heard| heard.id == id)
    }

    /// The answer to a request, of any kind.
    pub(super) fn raw(self, ask: Ask) -> Result<&'h Heard, Stop> {
        self.find(&ask.id).ok_or_else(|| Stop::Needs(vec![ask]))
    }

    /// The answers to requests that are sent at once.
    pub(super) fn raw_all(self, asks: Vec<Ask>) -> Result<Vec<&'h Heard>, Stop> {
        let found: Option<Vec<_>> = asks.iter().map(|ask| self.find(&ask.id)).collect();
        found.ok_or(Stop::Needs(asks))
    }

    /// The judgement of the identity service about a token request.
    pub(super) fn token(self, ask: Ask) -> Result<&'h Heard, Stop> {
        let heard = self.raw(ask)?;
        if heard.is_broken_token() { Err(Stop::Failed(Box::new(Observed::token(heard)))) } else { Ok(heard) }
    }

    /// The judgement of the API about a call.
    pub(super) fn call(self, ask: Ask) -> Result<&'h Heard, Stop> {
        let heard = self.raw(ask)?;
        if heard.is_broken_call() { Err(Stop::Failed(Box::new(Observed::call(heard)))) } else { Ok(heard) }
    }

    /// The answer to the request for a token of all configured scopes.
    pub(super) fn first_token(self) -> Result<&'h Heard, Stop> {
        self.token(Ask::token(TOKEN, None))
    }

    /// The token of all configured scopes, which another question is about.
    pub(super) fn all(self) -> Result<&'h Heard, Stop> {
        let lacking = |seen: &Observed| Stop::Missing(words!["a token; the request for one got ", seen.brief()]);
        match self.first_token() {
            Ok(heard) if heard.has_token => Ok(heard),
            Ok(heard) => Err(lacking(&Observed::token(heard))),
            Err(Stop::Failed(seen)) => Err(lacking(&seen)),
            Err(stop) => Err(stop),
        }
    }

    /// The configured scopes.
    pub(super) fn granted(self) -> Result<ScopeSet, Stop> {
        let scopes = self.all()?.scopes();
        scopes
            .ok_or_else(|| Stop::Missing("the list of its scopes: neither the answer nor the token has one".to_owned()))
    }

    /// The first call: the organisation, or else a list that a configured scope opens.
    pub(super) fn first_call(self) -> Result<&'h Heard, Stop> {
        self.call(Ask::get(FIRST_CALL, self.harmless()?, TOKEN))
    }

    /// The path of a call that changes nothing and is open to the token.
    pub(super) fn harmless(self) -> Result<String, Stop> {
        self.all()?;
        let is_organisation = |entry: &Entry| entry.operation().id() == "getOrganisations";
        let opens = |entry: &Entry| match self.granted() {
            Ok(granted) => entry.operation().needs().any().intersects(granted.known()),
            // If the scopes are hidden, the organisation is asked for.
            Err(_) => is_organisation(entry),
        };
        let is_list = |entry: &Entry| {
            let operation = entry.operation();
            operation.is_read()
                && operation.paging == Paging::PageSize
                && !operation.path().contains('{')
                && entry.facts().required_query.is_empty()
        };
        if let Some(entry) = Entry::all().find(is_organisation).filter(opens) {
            return Ok(path(entry));
        }
        let list = Entry::all().filter(is_list).find(opens).map(|entry| words![path(entry), "?page=1&pageSize=1"]);
        list.ok_or_else(|| {
            Stop::Missing("a scope that opens the organisation or a list, best accounting.settings.read".to_owned())
        })
    }

    /// Returns the first call, if the API accepted it; other calls are refused in the same way otherwise.
    pub(super) fn accepted(self) -> Result<&'h Heard, Stop> {
        let lacking = |seen: &Observed| {
            Stop::Missing(words!["a connection whose calls are answered; the first call got ", seen.brief()])
        };
        match self.first_call() {
            Ok(heard) if heard.is_success() => Ok(heard),
            Ok(heard) => Err(lacking(&Observed::call(heard))),
            Err(Stop::Failed(seen)) => Err(lacking(&seen)),
            Err(stop) => Err(stop),
        }
    }

    /// The organisation, if the first call is about it.
    fn organisation(self, member: &str) -> Option<&'h str> {
        let heard = self.find(FIRST_CALL).filter(|heard| heard.is_success())?;
        heard.body.member("Organisations").first().member(member).text()
    }

    /// The name of the organisation. It is for the person at the terminal, never for the report.
    pub(super) fn name(self) -> Option<&'h str> {
        self.organisation("Name")
    }

    /// The country of the organisation; `None` if it is not known or has no custom connections.
    pub(super) fn country(self) -> Option<Country> {
        Country::parse(self.organisation("CountryCode")?)
    }
}

/// The path of an operation, with the base of its API.
pub(super) fn path(entry: Entry) -> String {
    words![entry.operation().api.row().map_or("", |api| api.base), entry.operation().path()]
}

/// One scope as a set.
pub(super) fn only(scope: ScopeId) -> ScopeSet {
    ScopeSet::from_names([scope.name()])
}

/// The answer that a judgement about a token request gives.
pub(super) fn of_token(heard: &Heard, check: FactCheck, says: impl Into<String>) -> PartAnswer {
    PartAnswer { check, seen: vec![Observed::token(heard)], says: says.into() }
}

/// The answer that a judgement about a call gives.
pub(super) fn of_call(heard: &Heard, check: FactCheck, says: impl Into<String>) -> PartAnswer {
    PartAnswer { check, seen: vec![Observed::call(heard)], says: says.into() }
}
