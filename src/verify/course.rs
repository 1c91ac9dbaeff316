//! The course: which request comes next, and the report at the end.

use serde::{Deserialize, Serialize};

use super::ask::Ask;
use super::draft::{DRAFT_CALLS, draft, remains};
use super::heard::Heard;
use super::questions::{Part, QUESTIONS, Question};
use super::report::{FactCheck, QuestionState, Remains, Verification, VerifiedPart, VerifiedQuestion, VerifiedTarget};
use super::transcript::{Stop, Transcript};
use crate::catalogue::VERSION;
use crate::text::words;

/// The most requests of a run.
pub const MOST_CALLS: usize = 25;

/// The options of a run.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct VerifyOptions {
    /// True if a draft may be created and deleted.
    pub write: bool,
    /// True once the person at the terminal has agreed.
    pub agreed: bool,
    /// The day.
    pub on: String,
    /// True if the requests go to Xero's own addresses.
    pub is_xero: bool,
}

/// The next step: one of its members is there. In JSON: `{ ask?, confirm?, report? }`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "VerificationStep"))]
#[serde(rename_all = "camelCase")]
pub struct VerifyStep {
    /// Requests to be sent; several of them at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ask: Option<Vec<Ask>>,
    /// The question to the person at the terminal. Unlike the report it has the name of the organisation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirm: Option<String>,
    /// The report: nothing is left to be asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub report: Option<Verification>,
}

/// Returns the next step after the answers so far.
///
/// The same options and answers give the same step. A token and one call come first, so that the organisation can be named; the
/// rest only once that was agreed to. The requests of all steps are at most [`MOST_CALLS`], and each has a name of its own.
pub fn verification(options: &VerifyOptions, heard: &[Heard]) -> VerifyStep {
    let transcript = Transcript(heard);
    if let Err(Stop::Needs(asks)) = transcript.first_call() {
        return VerifyStep { ask: Some(asks), ..VerifyStep::default() };
    }
    if !options.agreed {
        return VerifyStep { confirm: Some(confirmation(transcript, options.write)), ..VerifyStep::default() };
    }
    let most = MOST_CALLS.saturating_sub(if options.write { DRAFT_CALLS } else { 0 });
    let mut questions = Vec::new();
    for Question { number, text, parts } in &QUESTIONS {
        let mut read = Vec::new();
        for part in *parts {
            match done(transcript, part, most) {
                Ok(part) => read.push(part),
                Err(asks) => return VerifyStep { ask: Some(asks), ..VerifyStep::default() },
            }
        }
        questions.push(question(*number, text, read));
    }
    let draft = if options.write {
        match done(transcript, &DRAFT, MOST_CALLS) {
            Ok(part) => Some(part),
            Err(asks) => return VerifyStep { ask: Some(asks), ..VerifyStep::default() },
        }
    } else {
        None
    };
    VerifyStep { report: Some(report(options, transcript, questions, draft)), ..VerifyStep::default() }
}

const DRAFT: Part =
    Part { fact: "accounting.invoices creates a draft invoice and deletes it, without a xero-tenant-id", read: draft };

/// The result of a part, or the requests that it needs first, if no more than `most` are sent with them.
fn done(transcript: Transcript<'_>, part: &Part, most: usize) -> Result<VerifiedPart, Vec<Ask>> {
    let fact = part.fact;
    let open = |state, says: String| VerifiedPart { fact, state, check: None, says, seen: Vec::new() };
    Ok(match (part.read)(transcript) {
        Ok(answer) => VerifiedPart {
            fact,
            state: QuestionState::Asked,
            check: Some(answer.check),
            says: answer.says,
            seen: answer.seen,
        },
        Err(Stop::Needs(asks)) if transcript.0.len().saturating_add(asks.len()) <= most => return Err(asks),
        Err(Stop::Needs(_)) => {
            open(QuestionState::NotAsked, words!["the ", MOST_CALLS, " calls of a run were used up"])
        }
        Err(Stop::Missing(what)) => open(QuestionState::Unavailable, words!["missing: ", what]),
        Err(Stop::Never(why)) => open(QuestionState::NotAsked, why.to_owned()),
        Err(Stop::Failed(seen)) => VerifiedPart {
            fact,
            state: QuestionState::Failed,
            check: Some(FactCheck::Unclear),
            says: words!["a request went wrong: ", seen.brief()],
            seen: vec![*seen],
        },
    })
}

fn question(number: u8, question: &'static str, parts: Vec<VerifiedPart>) -> VerifiedQuestion {
    let state = parts.iter().map(|part| part.state).min().unwrap_or(QuestionState::NotAsked);
    let check = parts.iter().filter_map(|part| part.check).min();
    VerifiedQuestion { number, question, state, check, parts }
}

fn report(
    options: &VerifyOptions,
    transcript: Transcript<'_>,
    questions: Vec<VerifiedQuestion>,
    draft: Option<VerifiedPart>,
) -> Verification {
    let remains = remains(transcript);
    let parts = questions.iter().flat_map(|question| &question.parts).chain(&draft);
    let broken = parts.filter(|part| part.state == QuestionState::Failed).count();
    let has_token = transcript.all().is_ok();
    let target = target(options, transcript);
    Verification {
        report: "xero-m2m verify",
        on: options.on.clone(),
        version: env!("CARGO_PKG_VERSION"),
        catalogue: VERSION,
        target,
        calls: transcript.0.len(),
        complete: has_token && broken == 0 && remains == Remains::Nothing,
        summary: summary(&questions, target, remains),
        questions,
        draft,
        remains,
    }
}

fn target(options: &VerifyOptions, transcript: Transcript<'_>) -> VerifiedTarget {
    let is_local = |heard: &Heard| heard.header("server").starts_with("xero-m2m-simulator/");
    match transcript.0.iter().any(is_local) {
        true => VerifiedTarget::Local,
        false if options.is_xero => VerifiedTarget::Xero,
        false => VerifiedTarget::Other,
    }
}

fn summary(questions: &[VerifiedQuestion], target: VerifiedTarget, remains: Remains) -> String {
    let of_check = |check| questions.iter().filter(|question| question.check == Some(check)).count();
    let of_state = |state| questions.iter().filter(|question| question.state == state).count();
    let evidence = match target {
        VerifiedTarget::Xero => "",
        VerifiedTarget::Local => "; a local Xero answered, so this is no evidence about Xero",
        VerifiedTarget::Other => "; addresses other than Xero's answered, so this is no evidence about Xero",
    };
    let left = match remains {
        Remains::Nothing => "",
        Remains::Draft => "; a draft invoice with the reference xero-m2m verify is left, delete it in Xero",
        Remains::Unknown => "; look for a draft invoice with the reference xero-m2m verify in Xero, it may be left",
    };
    words![
        "Of 13 questions, ",
        of_check(FactCheck::Confirmed),
        " confirmed, ",
        of_check(FactCheck::Differs),
        " different, ",
        of_check(FactCheck::Unclear),
        " unclear, ",
        of_state(QuestionState::Unavailable),
        " not possible with this connection, ",
        of_state(QuestionState::NotAsked),
        " not asked",
        evidence,
        left
    ]
}

/// The question to the person at the terminal.
fn confirmation(transcript: Transcript<'_>, write: bool) -> String {
    let organisation = match transcript.name() {
        Some(name) => words!["The organisation is ", crate::error::quoted(name, 80), "."],
        None => "The name of the organisation could not be read: make sure that the connection is the one you mean."
            .to_owned(),
    };
    let writes = if write {
        "It creates one draft invoice and deletes it; Xero keeps it as deleted."
    } else {
        "It reads only, and changes nothing."
    };
    words![
        organisation,
        " This asks questions about Xero with at most ",
        MOST_CALLS,
        " calls, one of them a token request with a wrong secret, and six calls at once. They count towards the limits of the connection. ",
        writes
    ]
}
