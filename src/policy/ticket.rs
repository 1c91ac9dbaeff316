//! A plan on paper: a change ticket for the team, and a message to the user who authorises.

use core::fmt::Write as _;

use serde::Serialize;

use super::claim::Claim;
use super::connection::ConnectionFacts;
use super::plan::{Plan, Step};
use super::rules::{Deadline, DeadlineState, end_of_broad_in_words};
use super::words;
use crate::catalogue::{Access, SCOPE_FACTS, ScopeId};
use crate::scope::ScopeSet;

/// A message in plain words. In JSON: `{ subject, body }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Email {
    /// Its subject, one line.
    pub subject: String,
    /// Its text.
    pub body: String,
}

/// The plan as Markdown.
pub(super) fn markdown(plan: &Plan, connection: &ConnectionFacts, from: &ScopeSet) -> String {
    let mut out = Paper(String::new());
    out.line("# Change the scopes of a Xero custom connection");
    out.line("");
    let created = connection.created_on.map_or_else(|| "not given".to_owned(), words::day);
    let user = connection.authorising_user.as_deref().map_or_else(|| "not given".to_owned(), plain);
    out.line(&format!("- Plan of {}, by the catalogue of {}", words::day(plan.on), plan.catalogue));
    out.line(&format!("- Connection created on: {created}"));
    out.line(&format!("- Authorising user: {user}"));
    let before: Vec<&str> = from.names().collect();
    out.line(&format!("- Scopes before: {}", code(&before)));
    out.line(&format!("- Scopes after: {}", code(&plan.scopes)));

    out.heading("What cannot be undone");
    if plan.one_way_doors.is_empty() {
        out.line("Nothing.");
    }
    for door in &plan.one_way_doors {
        out.item("-", &door.why);
        if !door.loses.is_empty() {
            out.line(&format!("  Nothing that can be added later is sure to open: {}", code(&door.loses)));
        }
    }
    if !plan.refused.is_empty() {
        out.heading("What was wanted and cannot be had");
        for refusal in &plan.refused {
            out.item("-", &refusal.why);
        }
    }
    out.heading("Steps");
    out.steps(&plan.steps);
    out.heading("What keeps working");
    for claim in &plan.keeps_working.meanwhile {
        out.item("-", claim);
    }
    let working = &plan.keeps_working;
    out.line(&format!("- Afterwards: {} open before and after", count(working.kept)));
    for (verb, keys) in [("opened", &working.gained), ("closed", &working.lost)] {
        if !keys.is_empty() {
            out.line(&format!("- Newly {verb}, {}: {}", count(keys.len()), code(keys)));
        }
    }
    out.heading("Rollback");
    out.item("-", &plan.rollback.why);
    if let Some(end) = &plan.deadline {
        out.heading("Deadline");
        out.line(&deadline(end));
    }
    if let Some(cautious) = &plan.cautious {
        out.heading(if cautious.recommended { "Safer today: remove nothing yet" } else { "To remove nothing yet" });
        for claim in &cautious.why {
            out.item("-", claim);
        }
        out.line("");
        out.steps(&cautious.steps);
    }
    out.heading("Sources");
    for source in plan.sources() {
        let url = source.url.map(|url| format!(" <{url}>")).unwrap_or_default();
        out.line(&format!("- {}: {}{url}", source.key, source.title));
    }
    out.0
}

/// Lines of Markdown.
struct Paper(String);

impl Paper {
    fn line(&mut self, text: &str) {
        self.0.push_str(text);
        self.0.push('\n');
    }

    fn heading(&mut self, text: &str) {
        self.line(&format!("\n## {text}\n"));
    }

    fn item(&mut self, mark: &str, claim: &Claim) {
        self.line(&format!("{mark} {} ({})", plain(&sentence(&claim.text)), cited(claim)));
    }

    fn steps(&mut self, steps: &[Step]) {
        if steps.is_empty() {
            self.line("Change nothing.");
        }
        for (place, step) in steps.iter().enumerate() {
            self.item(&format!("{}.", place.saturating_add(1)), &step.why);
        }
    }
}

/// `R11, xero-custom-integration-faq`, and how sure it is unless Xero says so itself.
fn cited(claim: &Claim) -> String {
    use crate::catalogue::Confidence;
    let doubt = match claim.confidence {
        Confidence::Documented => "",
        Confidence::Sdk => ", from code that Xero publishes",
        Confidence::ThirdParty => ", reported by third parties",
        Confidence::Inferred => ", inferred",
        Confidence::Conflict => ", sources contradict each other",
    };
    format!("{}, {}{doubt}", claim.rule, claim.source.key)
}

/// The text with a capital letter at its start, unless it starts with the name of a scope.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let is_name = text.split(' ').next().is_some_and(|word| word.contains(['.', '_', '@']));
    match chars.next() {
        Some(first) if !is_name => first.to_uppercase().chain(chars).collect(),
        _ => text.to_owned(),
    }
}

/// A text of the caller or of this crate in Markdown, with nothing that means something there.
fn plain(text: &str) -> String {
    let mut out = String::new();
    let mut before = ' ';
    for c in words::one_line(text).chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '~') {
            out.push('\\');
        }
        out.push(c);
        // A name behind it would be called by trackers; in an address of e-mail there is a letter before it.
        if c == '@' && !before.is_alphanumeric() {
            out.push_str("&#8203;");
        }
        before = c;
    }
    out
}

/// Names as code; a backtick, which no scope has, would end it.
fn code<T: AsRef<str>>(names: &[T]) -> String {
    let quoted = |name: &T| format!("`{}`", words::one_line(name.as_ref()).replace('`', "'"));
    let all: Vec<String> = names.iter().map(quoted).collect();
    if all.is_empty() { "none".to_owned() } else { all.join(", ") }
}

fn count(number: usize) -> String {
    words::count(u64::try_from(number).unwrap_or(u64::MAX), "operation")
}

fn deadline(end: &Deadline) -> String {
    let state = match end.state {
        DeadlineState::Ahead => format!("{} left to the first day of it", words::count(end.days_left, "day")),
        DeadlineState::Uncertain => "it is this month, and may have passed".to_owned(),
        DeadlineState::Passed => "it has passed".to_owned(),
    };
    format!("Broad scopes end in {}: {state} ({}, {}).", end_of_broad_in_words(), end.rule, end.source.key)
}

/// The message to the authorising user; `None` if nothing changes.
pub(super) fn email(plan: &Plan, connection: &ConnectionFacts, from: &ScopeSet) -> Option<Email> {
    if plan.steps.is_empty() {
        return None;
    }
    let user =
        connection.authorising_user.as_deref().map_or_else(String::new, |user| format!(" {}", words::one_line(user)));
    let mut body = format!(
        "Hello{user},\n\n\
         we are changing what our connection to your Xero organisation may do. Xero switches a connection off when it is \
         changed, until you approve it again. Nothing can be read or sent through it in between.\n\n\
         What you have to do:\n\
         1. Wait for an e-mail from Xero; it comes when we have made the change.\n\
         2. Follow it, and compare what Xero shows you with the list below.\n\
         3. Approve the connection, and tell us.\n\n\
         What the connection will be allowed to do:\n"
    );
    let after = ScopeSet::from_names(plan.scopes.iter().map(String::as_str));
    permissions(&mut body, &after);
    let gone = from.difference(&after);
    if !gone.is_empty() {
        body.push_str("\nWhat is taken away from it, or replaced by something narrower above:\n");
        permissions(&mut body, &gone);
    }
    if !plan.one_way_doors.is_empty() {
        let scopes: Vec<&str> = plan.one_way_doors.iter().map(|door| door.scope).collect();
        let line =
            format!("\nThis cannot be undone: {} cannot be given back to the connection.\n", words::and(&scopes));
        body.push_str(&line);
    }
    body.push_str(
        "\nIf the list that Xero shows you differs, do not approve it, and tell us first.\n\nWhere this comes from:\n",
    );
    for source in plan.sources() {
        // Writing to a string cannot fail.
        let _ = writeln!(body, "- {}{}", source.title, source.url.map(|url| format!(": {url}")).unwrap_or_default());
    }
    Some(Email { subject: "Please approve our Xero connection again".to_owned(), body })
}

/// One line for each scope: what it is for, in plain words, and its name.
fn permissions(out: &mut String, scopes: &ScopeSet) {
    for name in scopes.names() {
        let id = ScopeId::named(name);
        let facts = id.and_then(|id| SCOPE_FACTS.get(usize::from(id.0)));
        let what = facts.map_or("unknown to us", |facts| facts.description.trim_end_matches(" (GET only)"));
        let verb = match id.and_then(ScopeId::row).map(|scope| scope.access) {
            Some(Access::Read) => "read: ",
            Some(Access::Write) => "read and change: ",
            Some(Access::None) | None => "",
        };
        let _ = writeln!(out, "- {verb}{what} ({})", words::one_line(name));
    }
}
