//! Questions 5 to 7: connections, the organisation in a header, and calls at once.

use super::ask::Ask;
use super::heard::Heard;
use super::json::Json;
use super::observed::{Observed, problem};
use super::report::FactCheck::{Confirmed, Differs, Unclear};
use super::report::{FactCheck, PartAnswer};
use super::transcript::{PartResult, Stop, TOKEN, Transcript, of_call};
use crate::text::words;

/// The calls that are sent at once: one more than Xero allows.
const AT_ONCE: usize = 6;

/// Question 5.
pub(super) fn connections(transcript: Transcript<'_>) -> PartResult {
    transcript.all()?;
    let heard = transcript.call(Ask::get("connections", "/connections".to_owned(), TOKEN))?;
    let is_usable = transcript.accepted().is_ok();
    match &heard.body {
        Json::List(_) if heard.is_success() && *heard.body.first().member("tenantId") != Json::Nothing => {
            Ok(of_call(heard, Confirmed, "the list has a connection in it"))
        }
        Json::List(items) if heard.is_success() && !items.is_empty() => {
            Ok(of_call(heard, Unclear, "the list has something else than connections in it"))
        }
        Json::List(_) if heard.is_success() && is_usable => {
            Ok(of_call(heard, Differs, "the list is empty, and other calls are accepted"))
        }
        Json::List(_) if heard.is_success() => {
            Ok(of_call(heard, Unclear, "the list is empty, and no other call shows that the connection is authorised"))
        }
        _ if heard.is_success() => Ok(of_call(heard, Unclear, "the answer is no list")),
        // A connection that is not authorised is refused everywhere.
        _ if !is_usable => Ok(of_call(heard, Unclear, "the call was refused, as the first call was")),
        _ => Ok(of_call(heard, Differs, "the call was refused, and other calls are accepted")),
    }
}

/// Question 6: no header.
pub(super) fn tenant_absent(transcript: Transcript<'_>) -> PartResult {
    let heard = transcript.first_call()?;
    if heard.is_success() {
        return Ok(of_call(heard, Confirmed, "a call without xero-tenant-id is accepted"));
    }
    let other = transcript.call(with_empty_tenant(transcript)?)?;
    let (check, says) = if other.is_success() {
        (Differs, "a call without xero-tenant-id is refused, and one with an empty header is not")
    } else {
        (Unclear, "calls with and without the header are refused")
    };
    Ok(of_call(heard, check, says))
}

/// Question 6: an empty header.
pub(super) fn tenant_empty(transcript: Transcript<'_>) -> PartResult {
    let heard = transcript.call(with_empty_tenant(transcript)?)?;
    if heard.is_success() {
        return Ok(of_call(heard, Confirmed, "a call with an empty xero-tenant-id is accepted"));
    }
    let (check, says) = if transcript.first_call()?.is_success() {
        (Differs, "a call with an empty xero-tenant-id is refused, and one without it is not")
    } else {
        (Unclear, "calls with and without the header are refused")
    };
    Ok(of_call(heard, check, says))
}

fn with_empty_tenant(transcript: Transcript<'_>) -> Result<Ask, Stop> {
    Ok(Ask::get("tenant.empty", transcript.harmless()?, TOKEN).with_empty_tenant())
}

/// Question 7: the name of the limit of calls at once.
pub(super) fn concurrency_problem(transcript: Transcript<'_>) -> PartResult {
    let (heard, refused) = at_once(transcript)?;
    let words: Vec<&str> = refused.iter().filter_map(|heard| problem(heard)).collect();
    let is_other_limit = |word: &&str| ["minute", "day", "appminute"].contains(word);
    let own = words.iter().find(|word| !is_other_limit(word));
    let (check, says) = match (own, words.first(), refused.len()) {
        (Some(&"concurrent"), _, _) => {
            (Confirmed, "a call was refused, and the problem is spelt concurrent".to_owned())
        }
        (Some(other), _, _) => (Differs, words!["a call was refused, and the problem is spelt ", *other]),
        (None, Some(word), _) => (Unclear, words!["another limit was reached first: ", *word]),
        (None, None, 0) => (
            Unclear,
            words!["all ", AT_ONCE, " calls were answered: they may not have been under way at the same time"],
        ),
        (None, None, _) => (Unclear, "a call was refused without a readable X-Rate-Limit-Problem".to_owned()),
    };
    Ok(seen_at_once(&heard, check, says))
}

/// Question 7: `Retry-After` when too many calls are sent at once.
pub(super) fn concurrency_wait(transcript: Transcript<'_>) -> PartResult {
    let (heard, refused) = at_once(transcript)?;
    let own =
        refused.iter().find(|heard| problem(heard).is_some_and(|word| !["minute", "day", "appminute"].contains(&word)));
    let (check, says) = match own {
        None => (Unclear, "no call was refused for this limit"),
        Some(heard) if heard.has_header("retry-after") => (Differs, "the refused call has a Retry-After"),
        Some(_) => (Confirmed, "the refused call has no Retry-After"),
    };
    Ok(seen_at_once(&heard, check, says.to_owned()))
}

/// The calls that were sent at once, and those of them that a limit refused.
fn at_once(transcript: Transcript<'_>) -> Result<(Vec<&Heard>, Vec<&Heard>), Stop> {
    transcript.accepted()?;
    let path = transcript.harmless()?;
    let asks = (1..=AT_ONCE).map(|number| Ask::get(words!["together.", number], path.clone(), TOKEN)).collect();
    let heard = transcript.raw_all(asks)?;
    let refused: Vec<_> = heard.iter().copied().filter(|heard| heard.status == 429).collect();
    // Others that went wrong decide only if none was refused for a limit.
    let broken = heard.iter().find(|heard| heard.status != 429 && heard.is_broken_call());
    match broken {
        Some(broken) if refused.is_empty() => Err(Stop::Failed(Box::new(Observed::call(broken)))),
        _ => Ok((heard, refused)),
    }
}

fn seen_at_once(heard: &[&Heard], check: FactCheck, says: String) -> PartAnswer {
    PartAnswer { check, seen: heard.iter().map(|heard| Observed::call(heard)).collect(), says }
}
