//! A plan on paper: a change ticket for the team.

use super::change::{Change, PlanOutcome};
use super::claim::{Citation, Claim};
use super::due::Due;
use super::kinds::KindWords;
use super::phrases;
use super::plan::{PlanStep, Which};
use super::recorded;
use super::unknown::UnknownScope;

/// The choice between two plans: the one that a ticket is about, and their comparison.
#[derive(Clone, Copy)]
pub(super) struct Choice<'a> {
    pub(super) which: Which,
    pub(super) recommended: Which,
    pub(super) why: &'a [Claim],
}

/// One plan as Markdown. `choice` is given if there is another.
pub(super) fn markdown(change: &Change<'_>, outcome: &PlanOutcome, choice: Option<Choice<'_>>) -> String {
    let mut out = Paper(String::new());
    summary(&mut out, change, outcome, choice);
    warnings(&mut out, change);
    comparison(&mut out, choice);
    out.heading("What cannot be undone");
    if outcome.one_way_doors.is_empty() {
        // A scope that opens nothing here may be gone for good all the same.
        out.line(if outcome.rollback.possible { "Nothing." } else { "Nothing that works today; see the way back." });
    }
    for door in &outcome.one_way_doors {
        out.item("-", &door.why);
        if !door.loses.is_empty() {
            out.line(&format!("  Nothing that can be added later is sure to open: {}", code(&door.loses)));
        }
    }
    out.items("Wanted, and left out", change.refused().iter().map(|refusal| &refusal.why));
    out.items("Kept for now", change.kept().iter().map(|stays| &stays.why));
    out.heading("Steps");
    out.steps(&outcome.steps);
    keeps_working(&mut out, change, outcome);
    out.heading("Rollback");
    out.item("-", &outcome.rollback.why);
    let due = change.due();
    if !due.is_empty() {
        out.heading("What to do by when");
    }
    for task in &due {
        let what = plain(&task.what.text);
        out.line(&format!("- By {}: {what}; {} ({})", task.by, task.left(), cited(&task.what)));
    }
    let unknown: Vec<Claim> =
        change.unknown().iter().map(|name: &UnknownScope| name.to_claim(change.today.app)).collect();
    out.items("Names that are not in the catalogue", &unknown);
    out.heading("Sources");
    for source in sources(change, outcome, choice, &due) {
        let url = source.url.map(|url| format!(" <{url}>")).unwrap_or_default();
        out.line(&format!("- {}: {}{url}", source.key, source.title));
    }
    out.0
}

/// The title, the facts about the connection, and the scopes before and after.
fn summary(out: &mut Paper, change: &Change<'_>, outcome: &PlanOutcome, choice: Option<Choice<'_>>) {
    let Change { question, connection, today, .. } = change;
    let KindWords { title, noun, .. } = today.words();
    out.line(&match (change.is_new(), question.details.switch_organisation) {
        (true, _) => format!("# Create a Xero {title}"),
        (false, true) => format!("# Switch the organisation of a Xero {title}"),
        (false, false) => format!("# Change the scopes of a Xero {title}"),
    });
    out.line("");
    let created = match connection.created_on {
        Some(day) => phrases::day(day),
        None if change.is_new() => "not yet".to_owned(),
        None => "not given".to_owned(),
    };
    let user = connection.authorising_user.as_deref().map_or_else(|| "not given".to_owned(), plain);
    out.line(&format!("- Plan of {}, by the catalogue of {}", phrases::day(today.on), crate::catalogue::VERSION));
    if let Some(choice) = choice {
        out.line(&format!("- {}", choice.in_words()));
    }
    let details = &question.details;
    for (label, name) in [("Program", &details.program), ("Organisation", &details.organisation_name)] {
        if let Some(name) = name.as_deref().filter(|name| !name.trim().is_empty()) {
            out.line(&format!("- {label}: {}", plain(name)));
        }
    }
    out.line(&format!("- {} created on: {created}", sentence(noun)));
    out.line(&format!("- Authorising user: {user}"));
    if !change.is_new() {
        let before: Vec<&str> = question.from.names().collect();
        out.line(&format!("- Scopes before: {}", code(&before)));
    }
    out.line(&format!("- Scopes after: {}", code(&outcome.scopes)));
}

/// The comparison of two plans, if the cautious one is recommended or the ticket is about it.
fn comparison(out: &mut Paper, choice: Option<Choice<'_>>) {
    let Some(Choice { which, recommended, why }) = choice else { return };
    let heading = match (which, recommended) {
        (Which::Cautious, _) => "Why remove nothing yet",
        (Which::Full, Which::Cautious) => "Safer today: remove nothing yet",
        (Which::Full, Which::Full) => return,
    };
    out.items(heading, why);
}

/// The operations that keep working, meanwhile and afterwards.
fn keeps_working(out: &mut Paper, change: &Change<'_>, outcome: &PlanOutcome) {
    let working = &outcome.keeps_working;
    out.items("What keeps working", &working.meanwhile);
    if !change.is_new() {
        out.line(&format!("- Afterwards: {} open before and after", count(working.kept)));
    }
    for (verb, keys) in [("opened", &working.gained), ("closed", &working.lost)] {
        if !keys.is_empty() {
            out.line(&format!("- Newly {verb}, {}: {}", count(keys.len()), code(keys)));
        }
    }
}

/// The points to look at before anything is done.
fn warnings(out: &mut Paper, change: &Change<'_>) {
    let question = &change.question;
    if question.not_understood > 0 {
        let places = phrases::count(question.not_understood as u64, "call");
        out.line(&format!("- **{places} not understood: what is removed here may be needed, so look at it first**"));
    }
    if let Some(basis) = change.recorded_alone() {
        let time = recorded::time_in_words(&basis.watched);
        out.line(&format!(
            "- **The scopes rest on a recording, which watched {time}: calls that did not run meanwhile are missing, so look for \
             calls that run seldom before anything is removed**"
        ));
    }
    for finding in change.findings() {
        out.line(&format!("- **{}** ({}, {})", plain(&sentence(&finding.message)), finding.rule, finding.source.key));
    }
    let strange = change.unknown();
    if !strange.is_empty() {
        let names: Vec<&str> = strange.iter().map(|name| name.name.as_str()).collect();
        out.line(&format!("- **Not in the catalogue, so look at these first: {}**", code(&names)));
    }
}

impl Choice<'_> {
    fn in_words(&self) -> &'static str {
        match (self.which, self.recommended) {
            (Which::Cautious, Which::Cautious) => {
                "This is the cautious plan, which is recommended today: it removes nothing yet"
            }
            (Which::Cautious, Which::Full) => "This is the cautious plan; the full one is recommended today",
            (Which::Full, Which::Full) => "This is the full plan, which is recommended today",
            (Which::Full, Which::Cautious) => {
                "This is the full plan; the cautious one, which removes nothing yet, is recommended today and has a ticket \
                 of its own"
            }
        }
    }
}

/// The sources that a ticket cites, each once, in the order of first use.
fn sources(change: &Change<'_>, outcome: &PlanOutcome, choice: Option<Choice<'_>>, due: &[Due]) -> Vec<Citation> {
    let why = choice.map_or(&[][..], |choice| choice.why);
    let doors = outcome.one_way_doors.iter().map(|door| &door.why);
    let refused = change.refused().iter().map(|refusal| &refusal.why);
    let kept = change.kept().iter().map(|stays| &stays.why);
    let steps = outcome.steps.iter().map(|step| &step.why);
    let claims =
        why.iter().chain(doors).chain(refused).chain(kept).chain(steps).chain(&outcome.keeps_working.meanwhile);
    let claims = claims.chain([&outcome.rollback.why]).map(|claim| claim.source);
    let ends = due.iter().map(|due| &due.deadline);
    let end = ends.flat_map(|end| [Some(end.source), end.reported.as_ref().map(|day| day.source)]);
    let mut sources: Vec<Citation> = Vec::new();
    for source in claims.chain(end.flatten()) {
        if !sources.contains(&source) {
            sources.push(source);
        }
    }
    sources
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

    /// A heading and a list of sentences; nothing if there are none.
    fn items<'c>(&mut self, heading: &str, claims: impl IntoIterator<Item = &'c Claim>) {
        let mut claims = claims.into_iter().peekable();
        if claims.peek().is_some() {
            self.heading(heading);
        }
        for claim in claims {
            self.item("-", claim);
        }
    }

    fn steps(&mut self, steps: &[PlanStep]) {
        if steps.is_empty() {
            self.line("Change nothing.");
        }
        for (place, step) in steps.iter().enumerate() {
            self.item(&format!("{}.", place.saturating_add(1)), &step.why);
        }
    }
}

/// `R11, xero-custom-integration-faq`, with the confidence in it unless Xero documents it.
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
    for c in phrases::one_line(text).chars() {
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
    let quoted = |name: &T| format!("`{}`", phrases::one_line(name.as_ref()).replace('`', "'"));
    let all: Vec<String> = names.iter().map(quoted).collect();
    if all.is_empty() { "none".to_owned() } else { all.join(", ") }
}

fn count(number: usize) -> String {
    phrases::count(u64::try_from(number).unwrap_or(u64::MAX), "operation")
}
