//! Writes whose outcome is not known, and the keys that make them safe to repeat.
//!
//! A write whose answer was lost may have been carried out. Sent again, it may be carried out twice, unless it carries an
//! `Idempotency-Key` (source `xero-limits`; the catalogue has for each operation whether its specification takes one).

use super::caller::Call;
use super::event::BodyKind;
use super::retry::CallKind;
use crate::catalogue::{Method, OPERATIONS, Operation};
use crate::error::{Code, Error};
use crate::request::{ACCOUNTING, ApiCall, BaseUrl, call};
use crate::text::words;
use crate::time::Timestamp;

/// The error of this machine's clock that the search for a lost write allows for, in milliseconds. The write was made by the
/// clock of Xero: a search that begins too late misses the record.
const CLOCK_ERROR_MS: u64 = 86_400_000;

/// Checks that an answer with this status proves that the write was not carried out.
///
/// A timeout (408), the failures of a server (5xx) and statuses that only proxies have (such as 460 and 499) do not. Neither
/// does a redirect, which may follow a write that was done (303), nor a success that cannot be read: the write was carried out. If an
/// earlier sending of the same write was lost, a refusal for a limit or for the token proves nothing about that one, because Xero
/// looks at both before it looks at the key. Only a refusal of the data does, which Xero repeats under its key.
pub const fn is_settled(status: u16, lost_before: bool) -> bool {
    if lost_before { status == 400 } else { matches!(status, 400..=407 | 409..=451 | 501) }
}

/// Checks that a call which has no `Idempotency-Key` gets one from this library.
///
/// `asked` if the call itself asks for one, and not only an option of the client.
///
/// # Errors
/// [`Code::InvalidOption`] if the call asks for a key and its operation takes none, or is not in the catalogue.
pub fn makes_key(call: &ApiCall, asked: bool) -> Result<bool, Error> {
    let &ApiCall { method, route, .. } = call;
    if CallKind::of(method, false) == CallKind::Read {
        return Ok(false);
    }
    let refused = |what: String| {
        let message = words![what, ": leave `idempotencyKey` out, or give a key of your own"];
        Err(Error::new(Code::InvalidOption, message))
    };
    match route.operation() {
        Some(operation) if operation.takes_key => Ok(true),
        _ if !asked => Ok(false),
        Some(operation) => refused(words![name(operation), " takes no Idempotency-Key by its specification"])
            .map_err(|error: Error| error.about(operation.key())),
        None => refused(words!["it is not known whether this ", method, " takes an Idempotency-Key"]),
    }
}

/// Checks that an answer with this status reads as a refusal although it does not settle what was lost before.
pub(super) const fn hides(status: u16) -> bool {
    matches!(status, 0 | 300..=399 | 401..=407 | 409..=451 | 501)
}

/// Returns the error of a success whose body cannot be Xero's answer to this call: a proxy may give one, or a connection that
/// ends early. Xero answers a read with records, and a write with what it wrote. Only a deletion may have no body.
pub(super) fn no_answer(call: &Call, status: u16, body: BodyKind) -> Option<Error> {
    let is_answered = match call.method.to_ascii_uppercase().as_str() {
        "GET" => status != 304,
        "POST" | "PUT" | "PATCH" => true,
        _ => body != BodyKind::Empty,
    };
    let what = match body {
        BodyKind::Empty => "has no body",
        BodyKind::Refusal => "has the form of a refusal",
        // A read may be of anything. APIs other than accounting answer with one record alone.
        _ if call.kind == CallKind::Read => return None,
        BodyKind::Scalar => "is no record and no list of records",
        BodyKind::Bare if call.is_accounting => "has no record in it",
        BodyKind::Bare => return None,
    };
    (is_answered && status != 204)
        .then(|| Error::new(Code::MalformedAnswer, words!["Xero's answer ", what, " (status ", status, ")"]))
}

/// A write that was sent, and that no answer settles.
#[derive(Clone, Copy, Debug)]
pub struct Unsettled<'a> {
    /// The address of the APIs.
    pub api: &'a BaseUrl,
    /// The method and the path or URL of the call.
    pub method: &'a str,
    /// See [`method`](Self::method).
    pub input: &'a str,
    /// The instant at which it was sent for the first time.
    pub first_sent: Timestamp,
    /// The `Idempotency-Key` that it carried.
    pub key: Key,
}

/// The `Idempotency-Key` of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// It has none.
    None,
    /// One that this library made, and that its caller does not know.
    Made,
    /// One of its caller's, under which Xero repeats the last answer: an internal error.
    Repeated,
    /// One of its caller's, which Xero may have forgotten at this instant.
    Callers {
        /// The instant.
        ends: Timestamp,
    },
}

impl Unsettled<'_> {
    /// The error of this write at `now`: what went wrong, that it may have been carried out, and how to find out.
    ///
    /// A write whose key the caller has can be sent again as long as Xero knows the key: an error that was retryable stays so,
    /// and names the instant until which it is, unless Xero asks for a pause beyond that instant. Not for a read.
    pub fn error(&self, what: &Error, now: Timestamp) -> Error {
        let operation = call(self.api, self.method, self.input).ok().and_then(|call| call.route.operation());
        let about = operation.map_or_else(String::new, |it| words![" (", name(it), ", ", it.key(), ")"]);
        let known = words![what.message(), ". It was sent, and Xero may have carried out this write", about, ". "];
        let error = match self.key {
            Key::Callers { ends } if ends > now && what.earliest_retry().is_none_or(|at| at < ends) => {
                let words =
                    words![known, "It can be sent again with the same Idempotency-Key before ", iso(ends), " UTC"];
                let error = what.clone().with_message(words).retry_until(ends);
                if what.retryable() { error } else { error.with_unknown_outcome() }
            }
            key => {
                let words = words![
                    known,
                    "Do not send it again before you have looked: ",
                    operation.map_or_else(
                        || "read back what it would have changed".to_owned(),
                        |it| read_back(it, self.first_sent)
                    ),
                    key_advice(operation, key),
                ];
                what.clone().with_message(words).with_unknown_outcome()
            }
        };
        match operation {
            Some(operation) => error.about(operation.key()),
            None => error,
        }
    }
}

fn key_advice(operation: Option<&Operation>, key: Key) -> &'static str {
    match operation {
        _ if key == Key::Repeated => {
            ". With the same Idempotency-Key Xero only repeats this answer, and some minutes later it carries out the write again"
        }
        _ if key == Key::Made => ". Its Idempotency-Key was made for this call and is not used for another",
        _ if key != Key::None => ". By now Xero may have forgotten its Idempotency-Key",
        Some(operation) if operation.takes_key => {
            ". With an Idempotency-Key (option `idempotencyKeys`) a lost write is sent again without doing it twice"
        }
        _ => "",
    }
}

/// Returns the way to find out if it was carried out.
fn read_back(operation: &Operation, first_sent: Timestamp) -> String {
    let Some(reads) = reading(operation) else {
        return "look in Xero itself, since the API cannot read it back".to_owned();
    };
    if reads.takes_since {
        let since = iso(first_sent.minus(CLOCK_ERROR_MS));
        return words![
            name(reads),
            " with the header If-Modified-Since: ",
            since,
            " (a day before it was sent, in case a clock is wrong) has what was changed since"
        ];
    }
    let tells = if operation.path().ends_with(EMAIL) {
        // No source has what Xero writes there about an e-mail.
        " may have its time; SentToContact may be of an earlier e-mail. If it has none, look in Xero itself"
    } else if sets_state(operation) {
        " shows it"
    } else {
        " shows it; an equal one may be from before: compare ids and times"
    };
    words![name(reads), tells]
}

/// The end of the paths of writes that their record does not tell from an earlier one, and of the paths to its history.
const EMAIL: &str = "/Email";
const HISTORY: &str = "/History";

/// The last words of paths that set the state of a record.
const STATES: &[&str] =
    &["Approve", "approve", "reject", "RevertToDraft", "DeleteRequests", "registerbybusinessnumber"];

/// The path that uploads a file into the folder that it names.
const UPLOAD: &str = "/Files/{FolderId}";

/// Checks that a write sets the state of the one thing that its path names. Others add a thing, and an equal one may be there.
fn sets_state(operation: &Operation) -> bool {
    let last = operation.path().rsplit('/').next().unwrap_or_default();
    let is_named = last.starts_with('{') && operation.path() != UPLOAD;
    is_named || operation.method == Method::Delete || STATES.contains(&last)
}

/// The operation that reads what `operation` writes: the same path, or the nearest one above.
fn reading(operation: &Operation) -> Option<&'static Operation> {
    let history = operation.path().strip_suffix(EMAIL).map(|record| words![record, HISTORY]);
    let mut path = history.as_deref().unwrap_or_else(|| operation.path());
    loop {
        let reads =
            |other: &&Operation| other.api == operation.api && other.method == Method::Get && other.path() == path;
        if let Some(found) = OPERATIONS.iter().find(reads) {
            return Some(found);
        }
        path = path.rsplit_once('/').map(|(above, _)| above).filter(|above| !above.is_empty())?;
    }
}

/// Method and path, as a caller of this library writes them.
fn name(operation: &Operation) -> String {
    let base = operation.api.row().map_or("", |api| api.base);
    let base = if base == ACCOUNTING { "" } else { base };
    words![operation.method.as_str(), " ", base, operation.path()]
}

/// An instant as Xero's specification has it: `2026-04-29T00:00:00`, in UTC.
fn iso(at: Timestamp) -> String {
    let seconds = at.as_ms().div_euclid(1_000).rem_euclid(86_400);
    let two = |number: u64| {
        let digit = |number: u64| usize::try_from(number.rem_euclid(10)).unwrap_or_default();
        words![digit(number.div_euclid(10)), digit(number)]
    };
    let [hours, minutes] = [seconds.div_euclid(3_600), seconds.div_euclid(60).rem_euclid(60)];
    words![at.date(), "T", two(hours), ":", two(minutes), ":", two(seconds.rem_euclid(60))]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn api() -> BaseUrl {
        BaseUrl::parse("https://api.xero.com").expect("a base")
    }

    fn words_of(method: &str, input: &str) -> String {
        let first_sent = Timestamp::from_ms(1_774_915_265_000);
        let error = Unsettled { api: &api(), method, input, first_sent, key: Key::None }
            .error(&Error::new(Code::Offline, "cannot reach the host"), first_sent);
        assert!(error.is_outcome_unknown() && !error.retryable() && error.code().retryable());
        error.message().to_owned()
    }

    #[test]
    fn refusals_settle_a_write_and_failures_do_not() {
        for status in [400, 401, 403, 404, 409, 412, 425, 429, 501] {
            assert!(is_settled(status, false), "{status}");
            // Of an earlier sending that was lost, only a refusal of the data proves anything.
            assert_eq!(is_settled(status, true), status == 400, "{status}");
        }
        for status in [0, 200, 204, 301, 303, 304, 408, 460, 499, 500, 502, 503, 504, 599, 600] {
            assert!(!is_settled(status, false) && !is_settled(status, true), "{status}");
        }
    }

    #[test]
    fn a_write_whose_caller_has_the_key_can_be_sent_again_until_xero_may_have_forgotten_it() {
        let (first_sent, ends) = (Timestamp::from_ms(1_774_915_265_000), Timestamp::from_ms(1_774_915_565_000));
        let unsettled =
            Unsettled { api: &api(), method: "PUT", input: "/Invoices", first_sent, key: Key::Callers { ends } };
        let lost = Error::new(Code::Offline, "cannot reach the host");
        let error = unsettled.error(&lost, first_sent);
        assert!(error.retryable() && !error.is_outcome_unknown());
        assert!(error.message().contains("the same Idempotency-Key before 2026-03-31T00:06:05 UTC"), "{error}");
        let error = unsettled.error(&lost, ends);
        assert!(!error.retryable() && error.is_outcome_unknown());
        assert!(error.message().contains("may have forgotten its Idempotency-Key"), "{error}");
    }

    #[test]
    fn a_lost_write_is_read_back_by_the_filter_that_finds_it() {
        let invoices = words_of("PUT", "/Invoices");
        assert!(invoices.contains("(PUT /Invoices, accounting.createInvoices)"), "{invoices}");
        assert!(
            invoices.contains("GET /Invoices with the header If-Modified-Since: 2026-03-30T00:01:05"),
            "{invoices}"
        );
        assert!(invoices.contains("`idempotencyKeys`"), "{invoices}");
        let one = words_of("POST", "/Invoices/4f6f2f3c-0000-4000-8000-000000000001");
        assert!(one.contains("GET /Invoices/{InvoiceID} shows it"), "{one}");
        let nz = words_of("POST", "/payroll.xro/2.0/Employees");
        assert!(nz.contains("/payroll.xro/2.0/Employees"), "{nz}");
        assert!(words_of("POST", "/Nonsense").contains("read back what it would have changed"));
    }

    #[test]
    fn every_write_of_the_catalogue_says_how_to_find_out() {
        for operation in OPERATIONS.iter().filter(|operation| operation.method != Method::Get) {
            let words = read_back(operation, Timestamp::default());
            assert!(words.starts_with("GET /") || words.starts_with("look in Xero"), "{}: {words}", operation.key());
        }
    }

    #[test]
    fn a_read_that_cannot_tell_a_write_from_an_earlier_one_says_so() {
        let id = "4f6f2f3c-0000-4000-8000-000000000001";
        let email = words_of("POST", &words!["/Invoices/", id, "/Email"]);
        assert!(email.contains("GET /Invoices/{InvoiceID}/History may have its time"), "{email}");
        assert!(email.contains("SentToContact may be of an earlier e-mail"), "{email}");
        let adds = [
            ("PUT", words!["/CreditNotes/", id, "/Allocations"]),
            ("PUT", words!["/Invoices/", id, "/History"]),
            ("PUT", "/RepeatingInvoices".to_owned()),
            ("POST", words!["/projects.xro/2.0/Projects/", id, "/Time"]),
            ("POST", words!["/files.xro/1.0/Files/", id, "/Associations"]),
        ];
        for (method, path) in adds {
            let words = words_of(method, &path);
            assert!(words.contains("an equal one may be from before"), "{path}: {words}");
        }
        let sets = [
            ("DELETE", words!["/CreditNotes/", id, "/Allocations/", id]),
            ("POST", words!["/Invoices/", id, "/Attachments/a.pdf"]),
            ("POST", words!["/payroll.xro/2.0/Timesheets/", id, "/Approve"]),
        ];
        for (method, path) in sets {
            let words = words_of(method, &path);
            assert!(words.contains(" shows it. ") || words.ends_with(" shows it"), "{path}: {words}");
        }
        // A path that adds, and whose last word is a name in braces, would be taken for one that sets a state.
        let creates = |operation: &&Operation| operation.key().contains(".create") && sets_state(operation);
        let named: Vec<_> = OPERATIONS.iter().filter(creates).map(Operation::key).collect();
        assert!(named.iter().all(|key| key.contains("Attachment")), "{named:?}");
    }

    #[test]
    fn keys_are_made_where_the_specification_takes_them() {
        let makes = |method, input, asked| makes_key(&call(&api(), method, input).expect("a call"), asked);
        assert_eq!(makes("PUT", "/Invoices", false), Ok(true));
        assert_eq!(makes("GET", "/Invoices", true), Ok(false));
        let account = "/Accounts/4f6f2f3c-0000-4000-8000-000000000001";
        assert_eq!(makes("DELETE", account, false), Ok(false));
        assert_eq!(makes("DELETE", account, true).map_err(|error| error.code()), Err(Code::InvalidOption));
        assert_eq!(makes("POST", "/Nonsense", false), Ok(false));
        assert_eq!(makes("POST", "/Nonsense", true).map_err(|error| error.code()), Err(Code::InvalidOption));
    }
}
