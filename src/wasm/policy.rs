//! Bindings of the policy: no secret, no state.
//!
//! An export returns its value, or `{ fault }` with an error that names the argument that cannot be read. In TypeScript its
//! answer has the type that is generated from the struct of [`policy`], and its arguments those that the facade has.

#![expect(clippy::needless_pass_by_value, reason = "wasm-bindgen hands lists over")]

use serde::Deserialize;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use super::protocol::{invalid, read, value, write};
use crate::catalogue::AppKind;
use crate::created;
use crate::error::{Error, quoted};
use crate::policy::{self, ConnectionFacts, Entry, PlanDetails, PlanQuestion, Region, ReviewQuestion};
use crate::resolve::{Found, RecordedBasis, Resolved, Text, WatchedTime, operations_of, resolve_all};
use crate::scope::{self, ScopeSet};
use crate::time::Date;
use crate::verify::{self, Heard, VerifyOptions};

/// The types that the declarations of the exports name.
#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
import type {
  Assessment, Catalogue, ChangePlan, CheckedScopes, ComparedUsage, Explanation, ParsedScopes, RequiredScopes, Review, VerificationStep,
} from "../policy/answers.js";
import type { Refused } from "../shared/module.js";
import type { Called } from "../policy/calls.js";
import type { Planned, ReviewAsked } from "../policy/door.js";
import type { ConnectionFacts, VerificationAnswer, VerificationOptions } from "../policy/policy.js";
"#;

/// The scopes in a pasted text: [`scope::Parsed`] as an object.
#[wasm_bindgen(js_name = parseScopes, unchecked_return_type = "ParsedScopes | Refused")]
pub fn parse_scopes(text: &str) -> JsValue {
    value(|| write(&scope::parse(text)))
}

/// Advice about scopes that a connection does not have: [`scope::advice`].
#[wasm_bindgen(js_name = adviseScopes)]
pub fn advise_scopes(scopes: &str) -> String {
    scope::advice(&set(scopes))
}

/// The keys of the operations that a request may be: [`operations_of`].
#[wasm_bindgen(js_name = operationOf)]
pub fn operation_of(method: &str, url: &str) -> Vec<String> {
    operations_of(method, url).into_iter().filter_map(Entry::at).map(|entry| entry.operation().key()).collect()
}

/// The scopes that calls require of a connection: [`policy::Required`] as an object.
///
/// It is refused if a day, the region or the key of an operation cannot be read.
#[wasm_bindgen(js_name = requiredScopes, unchecked_return_type = "RequiredScopes | Refused")]
pub fn required_scopes(
    texts: Vec<String>,
    #[wasm_bindgen(unchecked_param_type = "Called")] called: JsValue,
    scopes: &str,
    #[wasm_bindgen(unchecked_param_type = "ConnectionFacts")] connection: JsValue,
    on: &str,
) -> JsValue {
    value(|| {
        let (connection, on) = facts(connection, on)?;
        write(&policy::required(resolved(&texts, called)?, &set(scopes), &connection, on))
    })
}

/// The calls that scopes allow: [`policy::Check`] as an object.
///
/// It is refused if a day, the region or the key of an operation cannot be read.
#[wasm_bindgen(js_name = checkScopes, unchecked_return_type = "CheckedScopes | Refused")]
pub fn check_scopes(
    scopes: &str,
    texts: Vec<String>,
    #[wasm_bindgen(unchecked_param_type = "Called")] called: JsValue,
    #[wasm_bindgen(unchecked_param_type = "ConnectionFacts")] connection: JsValue,
    on: &str,
) -> JsValue {
    value(|| {
        let (connection, on) = facts(connection, on)?;
        write(&policy::check(&set(scopes), resolved(&texts, called)?, &connection, on))
    })
}

/// The rules that hold for a connection: [`policy::Assessment`] as an object.
///
/// It is refused if a day or the region cannot be read.
#[wasm_bindgen(unchecked_return_type = "Assessment | Refused")]
pub fn assess(
    scopes: &str,
    #[wasm_bindgen(unchecked_param_type = "ConnectionFacts")] connection: JsValue,
    on: &str,
) -> JsValue {
    value(|| {
        let (connection, on) = facts(connection, on)?;
        write(&policy::assess(&set(scopes), &connection, on))
    })
}

/// A plan to change a connection, or to create one: [`policy::ChangePlan`] as an object.
///
/// It is refused if a day, the region or the member `organisation` cannot be read.
#[wasm_bindgen(js_name = planChange, unchecked_return_type = "ChangePlan | Refused")]
pub fn plan_change(
    from: &str,
    to: &str,
    #[wasm_bindgen(unchecked_param_type = "Planned")] plan: JsValue,
    #[wasm_bindgen(unchecked_param_type = "ConnectionFacts")] connection: JsValue,
    on: &str,
) -> JsValue {
    value(|| {
        let (connection, on) = facts(connection, on)?;
        let Planned { unread, recorded, details } = read(plan)?;
        let from = set(from);
        let details = planned("from", &from, details, on)?;
        let recorded = recorded.map(BasisGiven::basis).transpose()?;
        let question = PlanQuestion { from, to: set(to), not_understood: unread, recorded, details };
        write(&policy::plan(&question, &connection, on))
    })
}

/// Everything about one connection: [`policy::Review`] as an object.
///
/// It is refused if a day, the region, the key of an operation or the member `organisation` cannot be read.
#[wasm_bindgen(unchecked_return_type = "Review | Refused")]
pub fn review(
    scopes: &str,
    texts: Vec<String>,
    #[wasm_bindgen(unchecked_param_type = "Called | undefined")] called: JsValue,
    #[wasm_bindgen(unchecked_param_type = "ReviewAsked")] asked: JsValue,
    #[wasm_bindgen(unchecked_param_type = "ConnectionFacts")] connection: JsValue,
    on: &str,
) -> JsValue {
    value(|| {
        let (connection, on) = facts(connection, on)?;
        let ReviewAsked { exists, wanted, choice, details } = read(asked)?;
        let calls = if called.is_undefined() { None } else { Some(resolved(&texts, called)?) };
        let scopes = set(scopes);
        let details = planned("scopes", &scopes, details, on)?;
        let question = ReviewQuestion { scopes, exists, calls, wanted: wanted.as_deref().map(set), choice, details };
        write(&policy::review(question, &connection, on))
    })
}

/// The whole catalogue: [`policy::Listing`] as an object.
#[wasm_bindgen(unchecked_return_type = "Catalogue | Refused")]
pub fn catalogue() -> JsValue {
    value(|| write(&policy::listing()))
}

/// The rows of the catalogue about one word: [`policy::Explanation`] as an object.
#[wasm_bindgen(unchecked_return_type = "Explanation | Refused")]
pub fn explain(text: &str) -> JsValue {
    value(|| write(&policy::explain(text)))
}

/// The next step of a verification: [`verify::VerifyStep`] as an object.
#[wasm_bindgen(unchecked_return_type = "VerificationStep | Refused")]
pub fn verification(
    #[wasm_bindgen(unchecked_param_type = "VerificationOptions")] options: JsValue,
    #[wasm_bindgen(unchecked_param_type = "readonly VerificationAnswer[]")] heard: JsValue,
) -> JsValue {
    value(|| {
        let (options, heard): (VerifyOptions, Vec<Heard>) = (read(options)?, read(heard)?);
        write(&verify::verification(&options, &heard))
    })
}

/// Facts about a connection as the facade passes them on; it has checked the types.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ConnectionGiven {
    app: Option<String>,
    created_on: Option<String>,
    region: Option<String>,
    /// `CountryCode`, as Xero's API answers it.
    country_code: Option<String>,
    demo: Option<bool>,
    organisations: Option<u32>,
    authorising_user: Option<String>,
}

/// The part of a plan's question that the facade passes on besides scopes.
#[derive(Deserialize)]
struct Planned {
    /// The number of calls or places that were not understood.
    unread: usize,
    /// The recordings that the wanted scopes come from.
    recorded: Option<BasisGiven>,
    details: Details,
}

/// [`RecordedBasis`] as an answer had it.
#[derive(Deserialize)]
struct BasisGiven {
    recordings: usize,
    only: usize,
    watched: WatchedGiven,
}

impl BasisGiven {
    fn basis(self) -> Result<RecordedBasis, Error> {
        Ok(RecordedBasis { recordings: self.recordings, only: self.only, watched: self.watched.time()? })
    }
}

/// [`WatchedTime`] as an answer had it.
#[derive(Deserialize)]
struct WatchedGiven {
    processes: u64,
    seconds: u64,
    from: Option<String>,
    until: Option<String>,
}

impl WatchedGiven {
    fn time(&self) -> Result<WatchedTime, Error> {
        let day = |name: &str, text: &Option<String>| text.as_deref().map(|text| day(name, text)).transpose();
        let (from, until) = (day("from", &self.from)?, day("until", &self.until)?);
        Ok(WatchedTime { processes: self.processes, seconds: self.seconds, from, until })
    }
}

/// The part of a review's question that the facade passes on besides scopes and calls.
#[derive(Deserialize)]
struct ReviewAsked {
    exists: bool,
    wanted: Option<String>,
    choice: usize,
    details: Details,
}

/// Details of a plan as the facade passes them on; it has checked the types.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Details {
    organisation: Option<String>,
    sender: Option<String>,
    approve_by: Option<String>,
    program: Option<String>,
    organisation_name: Option<String>,
}

/// Reads the details of a plan for a connection that has `scopes`, which the caller gave as the member `name`.
fn planned(name: &str, scopes: &ScopeSet, details: Details, on: Date) -> Result<PlanDetails, Error> {
    let Details { organisation, sender, approve_by, program, organisation_name } = details;
    let switch_organisation = match organisation.as_deref() {
        None | Some("keep") => false,
        Some("switch") => true,
        Some(other) => {
            return Err(invalid(format!("organisation is {}, and has to be keep or switch", quoted(other, 20))));
        }
    };
    let approve_by = approve_by.map(|text| day("approveBy", &text)).transpose()?;
    if let Some(day) = approve_by.filter(|&day| day < on) {
        return Err(invalid(format!("approveBy is {day}, which is before the day of the plan, {on}")));
    }
    if switch_organisation && scopes.is_empty() {
        let text = format!(
            "organisation is switch, and {name} has no scopes: a connection that is to be created has no organisation to \
             switch from"
        );
        return Err(invalid(text));
    }
    Ok(PlanDetails { switch_organisation, sender, approve_by, program, organisation_name })
}

/// Reads the facts about a connection, and the day of the answer.
fn facts(connection: JsValue, on: &str) -> Result<(ConnectionFacts, Date), Error> {
    let ConnectionGiven { app, created_on, region, country_code, demo, organisations, authorising_user } =
        read(connection)?;
    if organisations == Some(0) {
        return Err(invalid("organisations is 0, and has to be at least 1".to_owned()));
    }
    let on = day("on", on)?;
    let answered = country_code.and_then(|code| Region::parse(&code));
    let facts = ConnectionFacts {
        app: app.map_or(Ok(AppKind::Custom), |text| kind(&text))?,
        created_on: created_on.map(|text| created::created_on(&text, Some(on))).transpose()?,
        region: region.map(|text| country(&text)).transpose()?.or(answered),
        demo,
        organisations,
        authorising_user,
    };
    Ok((facts, on))
}

fn kind(text: &str) -> Result<AppKind, Error> {
    let message = || format!("app is {}, and has to be custom, web, pkce or app", quoted(text, 20));
    AppKind::parse(text).ok_or_else(|| invalid(message()))
}

fn day(name: &str, text: &str) -> Result<Date, Error> {
    let message = || format!("{name} is {}, which is not a day written as YYYY-MM-DD", quoted(text, 20));
    Date::parse(text).ok_or_else(|| invalid(message()))
}

fn country(text: &str) -> Result<Region, Error> {
    let message = || {
        let found = quoted(text, 20);
        format!("region is {found}, and has to be AU, NZ, UK, US, the two-letter code of another country or other")
    };
    Region::parse(text).ok_or_else(|| invalid(message()))
}

fn set(scopes: &str) -> ScopeSet {
    scope::parse(scopes).set
}

/// The part of the calls that the facade passes on besides texts.
#[derive(Deserialize)]
pub(super) struct Called {
    /// The names of the texts, in their order; `None` for one without.
    names: Vec<Option<String>>,
    /// True for each text that was found in a folder.
    found: Vec<bool>,
    /// Keys of operations in the place of texts, and those of which the method is assumed.
    operations: Option<Vec<String>>,
    assumed: Vec<String>,
    /// The number of places that were not read, besides these operations or texts.
    unread: usize,
    /// The recordings that some of these operations come from.
    recorded: Option<RecordingsGiven>,
}

/// The recordings that keys of operations come from.
#[derive(Deserialize)]
struct RecordingsGiven {
    /// The operations that only recordings have, by key.
    operations: Vec<String>,
    /// The time of each recording.
    watched: Vec<WatchedGiven>,
}

impl RecordingsGiven {
    /// Marks the calls that only recordings have, and returns the recordings.
    fn mark(&self, calls: &mut [Found]) -> Result<RecordedBasis, Error> {
        for call in calls.iter_mut() {
            call.recorded = self.operations.contains(&call.text);
        }
        let only = calls.iter().filter(|call| call.recorded).count();
        let watched = self.watched.iter().try_fold(WatchedTime::default(), |all, one| Ok(all.with(one.time()?)))?;
        Ok(RecordedBasis { recordings: self.watched.len(), only, watched })
    }
}

impl Called {
    /// The texts with their names.
    pub(super) fn texts<'t>(&'t self, texts: &'t [String]) -> Vec<Text<'t>> {
        let given = texts.iter().zip(self.names.iter().zip(&self.found));
        given.map(|(text, (name, found))| Text { name: name.as_deref(), text, is_found: *found }).collect()
    }
}

/// The number of unknown keys that are named.
const NAMED: usize = 5;

fn resolved(texts: &[String], called: JsValue) -> Result<Resolved, Error> {
    fn slices(keys: &[String]) -> Vec<&str> {
        keys.iter().map(String::as_str).collect()
    }
    let called: Called = read(called)?;
    let unread = called.unread;
    let Some(keys) = &called.operations else {
        return Ok(Resolved { unread, ..resolve_all(called.texts(texts)) });
    };
    let resolved = Resolved::of_keys(&slices(keys), &slices(&called.assumed));
    let mut resolved = resolved.map_err(|unknown| {
        let named: Vec<String> = unknown.iter().take(NAMED).map(|key| quoted(key, 60)).collect();
        let more = match unknown.len().saturating_sub(named.len()) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let named = named.join(", ");
        invalid(format!("the catalogue has no operation {named}{more}; keys look like accounting.getInvoices"))
    })?;
    resolved.recorded = called.recorded.map(|recorded| recorded.mark(&mut resolved.calls)).transpose()?;
    Ok(Resolved { unread, ..resolved })
}
