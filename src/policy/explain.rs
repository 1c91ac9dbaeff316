//! Everything about one word of Xero or of this package: a rule, an error code, a scope, or an operation.

use serde::Serialize;

use super::claim::Claim;
use super::inferred;
use super::listing::{self, OperationEntry, RuleEntry, ScopeEntry, SourceEntry, WithdrawnEntry};
use super::operation::Entry;
use crate::catalogue::{Method, SOURCES, ScopeId, WITHDRAWN};
use crate::error::Code;
use crate::resolve::{operations_of, resolve_all};
use crate::scope::{distance, parse};

/// Everything that the catalogue has about a word. In JSON: `{ rules, errors, scopes, operations, inferred?, withdrawn, sources,
/// nearest }`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Explanation {
    /// The rules of this name.
    pub rules: Vec<RuleEntry>,
    /// The error codes of this name.
    pub errors: Vec<ErrorEntry>,
    /// The scopes of this name.
    pub scopes: Vec<ExplainedScope>,
    /// The operations that it may be.
    pub operations: Vec<OperationEntry>,
    /// The reason for which a call that Xero's specification does not have is taken for `operations`; absent for any other word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inferred: Option<Claim>,
    /// The operations that it may be and that Xero no longer has.
    pub withdrawn: Vec<WithdrawnEntry>,
    /// The sources of these rows.
    pub sources: Vec<SourceEntry>,
    /// The nearest known names, best first, if there is none of this name.
    pub nearest: Vec<String>,
}

/// An error code. In JSON: `{ code, meaning, advice, blame, retryable }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ErrorEntry {
    /// The code.
    pub code: &'static str,
    /// Its meaning.
    pub meaning: &'static str,
    /// The way to mend it.
    pub advice: &'static str,
    /// The party that has to act: `caller`, `connection`, `xero`, `network` or `library`.
    pub blame: &'static str,
    /// True if the same call may succeed later with nothing changed.
    pub retryable: bool,
}

/// A scope and the operations that it opens. In JSON: `{ scope, opens }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ExplainedScope {
    /// The scope.
    pub scope: ScopeEntry,
    /// The operations that it opens, with method and path.
    pub opens: Vec<String>,
}

/// Texts longer than this, in bytes, are no name.
const LONGEST: usize = 300;
/// The most names that are suggested.
const SUGGESTED: usize = 6;

/// Explains a rule (`R28`), an error code (`invalid_scope`), a scope (`accounting.invoices`) or an operation (`POST /Invoices`,
/// `/Invoices`, `accounting.getInvoices`, `getInvoices`). If it is none of these, the answer has the nearest known names.
pub fn explain(text: &str) -> Explanation {
    let text = text.trim();
    if text.len() > LONGEST {
        return Explanation::default();
    }
    let is = |name: &str| name.eq_ignore_ascii_case(text);
    let scopes = listing::scopes().into_iter().filter(|scope| is(scope.name)).map(explained).collect();
    let errors = Code::ALL.iter().copied().filter(|code| is(code.as_str())).map(error_entry).collect();
    let mut found = Explanation {
        rules: listing::rules().into_iter().filter(|rule| is(rule.id)).collect(),
        errors,
        scopes,
        operations: operations(text).into_iter().map(listing::operation).collect(),
        inferred: None,
        withdrawn: withdrawn(text),
        sources: Vec::new(),
        nearest: Vec::new(),
    };
    if found.is_empty() {
        infer(text, &mut found);
    }
    found.sources = sources(&found);
    if found.is_empty() {
        found.nearest = nearest(text);
    }
    found
}

/// Adds the operation that a call is taken for which Xero's specification does not have, as every answer about calls does.
fn infer(text: &str, found: &mut Explanation) {
    for call in resolve_all([text]).calls {
        for entry in call.rows.iter().filter_map(|&row| Entry::at(row)) {
            if let Some(why) = inferred::why_uncertain(&call, entry) {
                found.operations.push(listing::operation(entry));
                found.inferred = Some(why);
            }
        }
    }
}

impl Explanation {
    const fn is_empty(&self) -> bool {
        self.rules.is_empty()
            && self.errors.is_empty()
            && self.scopes.is_empty()
            && self.operations.is_empty()
            && self.withdrawn.is_empty()
    }
}

fn explained(scope: ScopeEntry) -> ExplainedScope {
    let is_opened =
        |entry: &Entry| ScopeId::named(scope.name).is_some_and(|id| entry.operation().needs().any().contains(id));
    let opens = Entry::all().filter(is_opened).map(Entry::call).collect();
    ExplainedScope { scope, opens }
}

/// A method and the rest; no method if the text begins with none.
fn split(text: &str) -> (Option<Method>, &str) {
    let parts = text.split_once(char::is_whitespace);
    parts.and_then(|(word, rest)| Some((Some(Method::parse(word)?), rest.trim()))).unwrap_or((None, text))
}

fn operations(text: &str) -> Vec<Entry> {
    let (method, path) = split(text);
    if !path.contains('/') {
        let is = |entry: &Entry| entry.operation().id().eq_ignore_ascii_case(path);
        return Entry::named(path).map_or_else(|| Entry::all().filter(is).collect(), |entry| vec![entry]);
    }
    let methods = [Method::Get, Method::Put, Method::Post, Method::Patch, Method::Delete];
    let asked = methods.into_iter().filter(|own| method.is_none_or(|method| method == *own));
    let found: Vec<_> = asked.flat_map(|method| operations_of(method.as_str(), path)).filter_map(Entry::at).collect();
    if !found.is_empty() {
        return found;
    }
    // A path without the base of an API counts as one of accounting; here it may be another's.
    let is_of_path = |entry: &Entry| {
        let own = entry.operation();
        own.path().eq_ignore_ascii_case(path) && method.is_none_or(|method| method == own.method)
    };
    Entry::all().filter(is_of_path).collect()
}

fn withdrawn(text: &str) -> Vec<WithdrawnEntry> {
    let (method, path) = split(text);
    let all = WITHDRAWN.iter().filter(|row| method.is_none_or(|method| method == row.method)).map(listing::withdrawn);
    let is = |entry: &WithdrawnEntry| {
        let resource = entry.path.get(entry.path.len().saturating_sub(path.len())..).unwrap_or_default();
        path.starts_with('/') && resource.eq_ignore_ascii_case(path)
            || (!entry.id.is_empty() && entry.id.eq_ignore_ascii_case(path))
    };
    all.filter(is).collect()
}

fn sources(found: &Explanation) -> Vec<SourceEntry> {
    let rules = found.rules.iter().flat_map(|rule| rule.sources.iter().chain(&rule.more_sources));
    let scopes = found.scopes.iter().flat_map(|scope| &scope.scope.sources);
    let operations = found.operations.iter().flat_map(|operation| &operation.sources);
    let withdrawn = found.withdrawn.iter().flat_map(|operation| &operation.sources);
    let mut keys: Vec<&str> = Vec::new();
    for key in rules.chain(scopes).chain(operations).chain(withdrawn) {
        if !keys.contains(key) {
            keys.push(key);
        }
    }
    let row = |key: &&str| SOURCES.iter().find(|source| source.key == *key);
    keys.iter().filter_map(row).map(listing::source).collect()
}

/// The known names that differ least from a text, then those that contain it.
fn nearest(text: &str) -> Vec<String> {
    let lower = text.to_ascii_lowercase();
    let (method, path) = split(text);
    let bound = (lower.len() / 4).clamp(1, 6);
    let mut ranked: Vec<(usize, String)> = parse(text)
        .unknown
        .into_iter()
        .filter_map(|unknown| unknown.suggestion)
        .map(|name| (0, name.to_owned()))
        .collect();
    let words = listing::scopes().into_iter().map(|scope| scope.name).chain(Code::ALL.iter().map(|code| code.as_str()));
    let words = words.chain(listing::rules().into_iter().map(|rule| rule.id)).map(str::to_owned);
    let calls =
        Entry::all().filter(|entry| method.is_none_or(|method| method == entry.operation().method)).map(|entry| {
            let own = entry.operation();
            [own.method.as_str(), " ", own.path()].concat()
        });
    let is_path = path.contains('/');
    let asked = if is_path && method.is_none() { path.to_ascii_lowercase() } else { lower };
    for name in words.filter(|_| !is_path).chain(calls.filter(|_| is_path)) {
        let own = if is_path && method.is_none() { split(&name).1 } else { &name }.to_ascii_lowercase();
        // Names that contain it come after all that are nearly the same.
        let contains = || (asked.len() >= 4 && own.contains(&asked)).then_some(LONGEST);
        if let Some(far) = distance(&asked, &own, bound).or_else(contains) {
            ranked.push((far, name));
        }
    }
    ranked.sort();
    let mut names: Vec<String> = Vec::new();
    for (_, name) in ranked {
        if !names.contains(&name) && names.len() < SUGGESTED {
            names.push(name);
        }
    }
    names
}

const fn error_entry(code: Code) -> ErrorEntry {
    ErrorEntry {
        code: code.as_str(),
        meaning: code.meaning(),
        advice: advice(code),
        blame: code.blame().as_str(),
        retryable: code.retryable(),
    }
}

/// The way to mend an error.
const fn advice(code: Code) -> &'static str {
    match code {
        Code::InvalidOption => "Correct the option or argument that the message names.",
        Code::InvalidUrl => "Write a path such as /Invoices, or a whole URL below the API.",
        Code::ForeignHost => "Write a path, or set apiUrl if the API is at another address.",
        Code::InsecureUrl => "Use https; plain http is for this machine only.",
        Code::InvalidHeader => "Leave the header out, or give it a value of printable characters.",
        Code::BodyNotAllowed => "Leave the body out, or use POST, PUT or PATCH.",
        Code::SecretUnavailable => "Look at the function given as clientSecret: it failed or returned nothing.",
        Code::InBrowser => "Make the call on a server, and let the page ask that server.",
        Code::NotInitialised => "Call init(module) of xero-m2m/slim before anything else.",
        Code::Closed => "Make a new client; close() is for good.",
        Code::ScopeMissing => {
            "Add a scope that opens the call. npx xero-m2m explain with the call names them; an edit switches a connection off until \
             its user authorises it again, so plan it with npx xero-m2m plan."
        }
        Code::InvalidClient => {
            "Compare client id and secret with Xero's developer portal; a new secret ends the old one."
        }
        Code::UnauthorizedClient => {
            "Use the id of a custom connection. For a Web or PKCE app, log a user in with npx xero-m2m login."
        }
        Code::InvalidScope => {
            "Ask for configured scopes only, each by its exact name, or leave the option scopes out and get all of them. Connections \
             created from 29 April 2026 have granular scopes only. npx xero-m2m doctor names the scopes that are configured."
        }
        Code::TokenRefused => "Run npx xero-m2m doctor: it shows the answer of the identity service.",
        Code::JournalsUnavailable => {
            "Only connections created before 29 April 2026 reach journals; read records such as /Invoices and /ManualJournals instead."
        }
        Code::NotAuthorised => {
            "Let the authorising user authorise the connection in Xero again: every edit switches it off, and a demo company loses it \
             when it is reset."
        }
        Code::OrganisationChanged => "Correct the option organisation, or connect the organisation that was meant.",
        Code::LoginRequired => "Log the user in again with npx xero-m2m login.",
        Code::VaultCopied => "Let one place renew the login: share the vault's store, or log in once for each place.",
        Code::TenantAmbiguous => "Set the option tenant to the id or the name of one organisation.",
        Code::TenantUnknown => "Correct the option tenant, or log in again and choose that organisation.",
        Code::VaultUnavailable => "Look at the store of the vault; the call can be made again once it answers.",
        Code::VaultKeyMismatch => "Give the key or the client secret that sealed the vault.",
        Code::TokenExpired => "Check the clock of this machine; Xero refused a token that was just renewed.",
        Code::MalformedToken => "Check identityUrl; something other than Xero's identity service may have answered.",
        Code::Redirected => "Set the address that answers without a redirect; none is followed.",
        Code::IdentityUnavailable => "Try again later; the client does so by itself for a while.",
        Code::QueueFull => "Send fewer calls at once, or raise limits.queue.",
        Code::RateLimited => {
            "Wait until retryAt. One organisation allows an app 5 calls at once, 60 in a minute, and 1,000 or 5,000 in a day."
        }
        Code::Refused => "Correct the data: error.validation has Xero's reasons.",
        Code::PreconditionFailed => "Read the record again, and repeat the change with its present state.",
        Code::IdempotencyConflict => "Use a new Idempotency-Key for each request; the same one only to repeat it.",
        Code::NotFound => {
            "Check the path and the ids in it, and that the connection is to the organisation that has the record."
        }
        Code::ServerError => {
            "Try again later. A write may have been carried out: look for it first, or send it with an Idempotency-Key."
        }
        Code::MalformedAnswer => "Try again later; if it stays, something may answer in Xero's place.",
        Code::Offline => {
            "Check the network, the proxy and the names of hosts; if outcome is unknown, look if the write was carried out."
        }
        Code::Timeout => {
            "Try again, with a longer timeoutMs if Xero needs it; if outcome is unknown, look if the write was carried out."
        }
        Code::Intercepted => {
            "Ask whoever runs the proxy or firewall to let calls to identity.xero.com and api.xero.com through."
        }
        Code::Trapped => "Report it, with the call that led to it, at the address in the package.json of xero-m2m.",
    }
}
