//! `GET /Journals`: the postings of the ledger, numbered in the order in which they were first read.
//!
//! A journal never changes. If the document of one does, a journal takes it back and another has the new lines.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::json;
use super::resource::{TAX_RATES, TRACKING_CATEGORIES};
use crate::simulator::amount::money;
use crate::simulator::company::Company;
use crate::simulator::context::CallContext;
use crate::simulator::errors::{self, Invalid};
use crate::simulator::formats;
use crate::simulator::http::HttpResponse;
use crate::simulator::ledger::chart::Chart;
use crate::simulator::ledger::postings::{Posting, PostingLine, Postings};
use crate::simulator::random::{Random, Uuid};
use crate::time::Timestamp;

/// The most journals of one answer.
const MOST: usize = 100;

/// A posting with its number.
#[derive(Debug)]
struct NumberedJournal {
    id: Uuid,
    number: usize,
    at: Timestamp,
    posting: Posting,
    lines: Vec<Uuid>,
}

/// The journals so far, and the posting of each document as they have it.
#[derive(Clone, Debug, Default)]
pub(in crate::simulator) struct JournalLog {
    journals: Arc<Vec<Arc<NumberedJournal>>>,
    posted: Arc<BTreeMap<Uuid, Posting>>,
}

/// Answers a list of journals after `offset`; `None` if the answer would be on a cash basis, which is not counted.
pub(in crate::simulator) fn list(context: &mut CallContext<'_>) -> Option<HttpResponse> {
    if context.is_true("paymentsOnly") {
        return None;
    }
    let since = match context.modified_since() {
        Ok(since) => since,
        Err(refused) => return Some(refused),
    };
    let offset = match context.query("offset").map(|text| text.trim().parse::<usize>()) {
        None => 0,
        Some(Ok(offset)) => offset,
        Some(Err(_)) => {
            return Some(errors::invalid(Invalid::Query, "offset is not a number of a journal.", Vec::new()));
        }
    };
    bring_up_to_date(context);
    let company = &*context.company;
    let chosen =
        company.journals.journals.iter().filter(|own| {
            own.number > offset && since.is_none_or(|since| own.at.as_ms() / 1_000 > since.as_ms() / 1_000)
        });
    let chart = Chart::of(company);
    let shown = chosen.take(MOST).map(|own| show(company, &chart, own)).collect();
    Some(context.answer("Journals", shown, None))
}

/// Answers one journal, by its id or its number.
pub(in crate::simulator) fn get(context: &mut CallContext<'_>) -> HttpResponse {
    bring_up_to_date(context);
    let name = context.parameter();
    let company = &*context.company;
    let (id, number) = (Uuid::parse(&name), name.parse::<usize>().ok());
    let found = company.journals.journals.iter().find(|own| Some(own.id) == id || Some(own.number) == number);
    match found.map(|own| show(company, &Chart::of(company), own)) {
        Some(shown) => context.answer("Journals", vec![shown], None),
        None => errors::no_such_record(),
    }
}

/// Adds journals for what has changed in the books.
fn bring_up_to_date(context: &mut CallContext<'_>) {
    let (now, postings) = (context.now, Postings::of(context.company));
    let log = &mut context.company.journals;
    let mut before = Arc::unwrap_or_clone(core::mem::take(&mut log.posted));
    let mut after = BTreeMap::new();
    let journals = &mut log.journals;
    for posting in postings.all.into_iter().filter(moves_money) {
        match before.remove(&posting.source) {
            Some(own) if own == posting => {}
            own => {
                if let Some(own) = own {
                    append(journals, taken_back(own), now, context.random);
                }
                append(journals, posting.clone(), now, context.random);
            }
        }
        after.insert(posting.source, posting);
    }
    for own in before.into_values() {
        append(journals, taken_back(own), now, context.random);
    }
    log.posted = Arc::new(after);
}

/// Returns whether a posting changes any account: the allocation of a credit note does not.
fn moves_money(posting: &Posting) -> bool {
    let mut sums: BTreeMap<Uuid, i64> = BTreeMap::new();
    for line in &posting.lines {
        let sum = sums.entry(line.account).or_default();
        *sum = sum.saturating_add(line.amount);
    }
    sums.values().any(|sum| *sum != 0)
}

fn taken_back(posting: Posting) -> Posting {
    let reverse = |line: PostingLine| PostingLine {
        amount: line.amount.saturating_neg(),
        tax: line.tax.saturating_neg(),
        ..line
    };
    Posting { lines: posting.lines.into_iter().map(reverse).collect(), ..posting }
}

fn append(journals: &mut Arc<Vec<Arc<NumberedJournal>>>, posting: Posting, at: Timestamp, random: &mut Random) {
    let number = journals.len().saturating_add(1);
    let lines = posting.lines.iter().map(|_| random.uuid()).collect();
    let journal = Arc::new(NumberedJournal { id: random.uuid(), number, at, posting, lines });
    Arc::make_mut(journals).push(journal);
}

fn show(company: &Company, chart: &Chart, journal: &NumberedJournal) -> Value {
    let posting = &journal.posting;
    let lines = posting.lines.iter().zip(&journal.lines).map(|(line, id)| {
        let account = chart.get(line.account);
        let tax_type = line.tax_type.clone().filter(|own| own != "NONE");
        let mut shown = json::members_of(json!({
            "JournalLineID": id.to_string(),
            "AccountID": line.account.to_string(),
            "AccountCode": account.map(|own| own.code.as_str()),
            "AccountType": account.map(|own| own.kind.as_str()),
            "AccountName": account.map(|own| own.name.as_str()),
            "Description": line.description,
            "NetAmount": money(line.amount),
            "GrossAmount": money(line.amount.saturating_add(line.tax)),
            "TaxAmount": money(line.tax),
            "TaxType": tax_type,
            "TaxName": tax_type.as_deref().and_then(|own| tax_name(company, own)),
            "TrackingCategories": line.options.iter().filter_map(|own| tracked(company, *own)).collect::<Vec<_>>()
        }));
        shown.retain(|_, value| !value.is_null());
        Value::Object(shown)
    });
    let mut shown = json::members_of(json!({
        "JournalID": journal.id.to_string(),
        "JournalDate": formats::ms_date(posting.date.start()),
        "JournalNumber": journal.number,
        "CreatedDateUTC": formats::ms_date(journal.at),
        "Reference": posting.reference,
        "JournalLines": lines.collect::<Vec<_>>()
    }));
    if !posting.kind.is_empty() {
        json::set(&mut shown, "SourceID", posting.source.to_string());
        json::set(&mut shown, "SourceType", posting.kind);
    }
    Value::Object(shown)
}

fn tax_name(company: &Company, tax_type: &str) -> Option<String> {
    let rates = company.store.all(&TAX_RATES);
    let found = rates.iter().find(|own| own.text("TaxType").as_deref() == Some(tax_type))?;
    found.text("Name").map(std::borrow::Cow::into_owned)
}

fn tracked(company: &Company, option: Uuid) -> Option<Value> {
    company.store.all(&TRACKING_CATEGORIES).iter().find_map(|category| {
        let members = category.members(company);
        let own = json::list(&members, "Options").iter().filter_map(Value::as_object);
        let found = own.clone().find(|own| json::id(own, "TrackingOptionID") == Some(option))?;
        Some(json!({
            "Name": members.get("Name"),
            "Option": found.get("Name"),
            "TrackingCategoryID": category.id.to_string(),
            "TrackingOptionID": option.to_string()
        }))
    })
}
