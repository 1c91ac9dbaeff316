//! Questions 1 to 4, which the token endpoint answers.

use super::ask::Ask;
use super::heard::{GrantedScopes, Heard};
use super::observed::{Observed, ScopeShape};
use super::report::FactCheck::{Confirmed, Differs, Unclear};
use super::report::PartAnswer;
use super::transcript::{PartResult, SINGLE, Stop, Transcript, of_token, only};
use crate::catalogue::{Access, Family, ScopeId};
use crate::scope::ScopeSet;
use crate::text::words;

/// Question 1: no scope is named.
pub(super) fn without_scope(transcript: Transcript<'_>) -> PartResult {
    let heard = transcript.first_token()?;
    if heard.has_token {
        granular(transcript)?;
        return Ok(of_token(
            heard,
            Confirmed,
            "the token has scopes although none was named; whether these are all that are configured cannot be seen",
        ));
    }
    match heard.oauth_error() {
        Some("invalid_scope") => Ok(of_token(heard, Differs, "the request was refused for its scope, and names none")),
        _ => Ok(of_token(heard, Unclear, "the request was refused for another reason than its scope")),
    }
}

/// Question 1: one scope is named.
pub(super) fn one_scope(transcript: Transcript<'_>) -> PartResult {
    let single = single(transcript)?;
    let heard = transcript.token(Ask::token(SINGLE, Some(single.name())))?;
    Ok(subset_read(heard, &only(single)))
}

/// Question 1: some of several scopes are named.
pub(super) fn several_scopes(transcript: Transcript<'_>) -> PartResult {
    granular(transcript)?;
    let granted = transcript.granted()?;
    let last = granted.known().iter().last();
    let some = ScopeSet::from(granted.known().filter(|scope| Some(scope.name) != last.map(ScopeId::name)));
    if some.len() < 2 {
        return Err(Stop::Missing("three configured scopes, so that two of them are a subset".to_owned()));
    }
    let heard = transcript.token(Ask::token("token.subset", Some(&some.to_scope_param())))?;
    Ok(subset_read(heard, &some))
}

/// The scope that is asked for alone: a granular one.
pub(super) fn single(transcript: Transcript<'_>) -> Result<ScopeId, Stop> {
    granular(transcript)
}

/// The first configured scope that is granular.
fn granular(transcript: Transcript<'_>) -> Result<ScopeId, Stop> {
    let granted = transcript.granted()?;
    let found = granted.known().iter().find(|id| id.row().is_some_and(|scope| scope.family == Family::Granular));
    found.ok_or_else(|| {
        Stop::Missing("a granular scope, such as accounting.invoices; this connection has none".to_owned())
    })
}

fn subset_read(heard: &Heard, asked: &ScopeSet) -> PartAnswer {
    match heard.granted(asked) {
        GrantedScopes::Exactly => of_token(heard, Confirmed, "the token has exactly the scopes that were named"),
        GrantedScopes::Others => of_token(heard, Differs, "the token has other scopes than those that were named"),
        GrantedScopes::Hidden => of_token(heard, Unclear, "there is a token, and its scopes cannot be seen"),
        GrantedScopes::Refused => of_token(heard, Differs, "configured scopes were refused"),
        GrantedScopes::Other => of_token(heard, Unclear, "the request was refused for another reason than its scope"),
    }
}

/// Question 2.
pub(super) fn read_of_write(transcript: Transcript<'_>) -> PartResult {
    let granted = transcript.granted()?;
    let read = |id: ScopeId| ScopeId::named(&words![id.name(), ".read"]);
    let is_alone = |id: &ScopeId| {
        id.row().is_some_and(|scope| scope.access == Access::Write)
            && read(*id).is_some_and(|read| !granted.known().contains(read))
    };
    let mut alone = granted.known().iter().filter(is_alone);
    let first = alone.next();
    let best = first.into_iter().chain(alone).find(|id| id.name() == "accounting.invoices").or(first);
    let Some((write, read)) = best.and_then(|write| Some((write, read(write)?))) else {
        return Err(Stop::Missing(
            "a configured scope whose .read is not configured beside it, best accounting.invoices without accounting.invoices.read"
                .to_owned(),
        ));
    };
    let heard = transcript.token(Ask::token("token.readOfWrite", Some(read.name())))?;
    let asked = words![read.name(), " was asked for, and ", write.name(), " is configured"];
    match heard.granted(&only(read)) {
        GrantedScopes::Refused => Ok(of_token(heard, Confirmed, words!["refused: ", asked])),
        GrantedScopes::Exactly | GrantedScopes::Others | GrantedScopes::Hidden => {
            Ok(of_token(heard, Differs, words!["granted: ", asked]))
        }
        GrantedScopes::Other => {
            Ok(of_token(heard, Unclear, words!["refused for another reason than its scope: ", asked]))
        }
    }
}

/// Question 3: the status.
pub(super) fn invalid_client(transcript: Transcript<'_>) -> PartResult {
    let heard = wrong_secret(transcript)?;
    match (heard.oauth_error(), heard.status) {
        (Some("invalid_client"), 400) => Ok(of_token(heard, Confirmed, "the status is 400")),
        (Some("invalid_client"), status) => Ok(of_token(heard, Differs, words!["the status is ", status])),
        _ => Ok(of_token(heard, Unclear, "the answer is not an invalid_client")),
    }
}

/// Question 3: the description.
pub(super) fn undescribed(transcript: Transcript<'_>) -> PartResult {
    let heard = wrong_secret(transcript)?;
    let seen = Observed::token(heard);
    match (heard.oauth_error(), seen.described) {
        (Some("invalid_client"), Some(false)) => Ok(of_token(heard, Confirmed, "there is no error_description")),
        (Some("invalid_client"), Some(true)) => Ok(of_token(heard, Differs, "there is an error_description")),
        _ => Ok(of_token(heard, Unclear, "the answer is not an invalid_client")),
    }
}

fn wrong_secret(transcript: Transcript<'_>) -> Result<&Heard, Stop> {
    transcript.token(Ask::with_wrong_secret("token.wrongSecret"))
}

/// Question 4: the shape of `scope` in the token.
pub(super) fn scope_claim(transcript: Transcript<'_>) -> PartResult {
    let heard = transcript.all()?;
    match Observed::token(heard).scope_claim {
        None => Ok(of_token(heard, Unclear, "the token is not a JWT that can be read")),
        Some(ScopeShape::List) => Ok(of_token(heard, Confirmed, "the claim is a list of texts")),
        Some(ScopeShape::Text) => Ok(of_token(heard, Differs, "the claim is one text")),
        Some(ScopeShape::Absent) => Ok(of_token(heard, Differs, "the claim is absent")),
        Some(ScopeShape::Other) => Ok(of_token(heard, Differs, "the claim is neither a list of texts nor a text")),
    }
}

/// Question 4: the organisation in the token of a connection that is authorised.
pub(super) fn claim_once_authorised(transcript: Transcript<'_>) -> PartResult {
    let heard = claims(transcript)?;
    transcript.accepted()?;
    if names_organisation(heard) {
        Ok(of_token(heard, Confirmed, "the token has xero_tenant_id"))
    } else {
        Ok(of_token(heard, Differs, "the token has no xero_tenant_id, and the API accepts it"))
    }
}

/// Question 4: the same before it is authorised.
pub(super) fn claim_before(transcript: Transcript<'_>) -> PartResult {
    let heard = claims(transcript)?;
    let is_refused = transcript.first_call()?.status == 403;
    if !is_refused {
        return Err(Stop::Missing("a connection that was never authorised".to_owned()));
    }
    let says = if names_organisation(heard) {
        "the API refuses the token with status 403, and it has xero_tenant_id"
    } else {
        "the API refuses the token with status 403, and it has no xero_tenant_id"
    };
    // A connection that was authorised once and is not now cannot be told from one that never was.
    Ok(of_token(heard, Unclear, words![says, ": this settles it if you know that the connection was never authorised"]))
}

fn claims(transcript: Transcript<'_>) -> Result<&Heard, Stop> {
    let heard = transcript.all()?;
    if heard.claims.names().next().is_none() {
        return Err(Stop::Missing("a token that is a JWT".to_owned()));
    }
    Ok(heard)
}

fn names_organisation(heard: &Heard) -> bool {
    heard.claims.member("xero_tenant_id").text().is_some()
}
