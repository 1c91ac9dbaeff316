//! A plan as a message to the user who authorises the connection: somebody who keeps books, and no developer.

use core::fmt::Write as _;

use super::change::{Change, PlanOutcome};
use super::phrases;
use super::plan::{Email, PlanDetails, PlanQuestion};
use super::recorded;
use crate::catalogue::{Access, AppKind, SCOPE_FACTS, ScopeId};
use crate::scope::ScopeSet;

/// The message about one plan; `None` if nothing changes, or if no user has to act.
pub(super) fn email(change: &Change<'_>, outcome: &PlanOutcome) -> Option<Email> {
    if outcome.steps.is_empty() || change.today.app == AppKind::App {
        return None;
    }
    let Change { question, connection, .. } = change;
    let occasion = Occasion::of(change);
    let names = Names::of(&question.details);
    let program = names.program();
    let after = ScopeSet::from_names(outcome.scopes.iter().map(String::as_str));
    let gone = question.from.difference(&after);

    let user = connection.authorising_user.as_deref().map(|user| format!(" {}", phrases::one_line(user)));
    let mut body = format!("Hello{},\n\n", user.unwrap_or_default());
    body.push_str(&occasion.reason(&names));
    if change.today.app == AppKind::Custom && change.is_new() && connection.demo != Some(true) {
        body.push_str(
            " Xero charges your organisation for the connection by the month, unless it is to the demo company; Xero shows the \
             price before you buy.",
        );
    }
    let choose = occasion.choice(&names);
    let by = occasion.by;
    let _ = write!(
        body,
        "\n\nWhat you will see\n\n{}, on the day on which we do this. Before it comes, there is nothing for you to \
         do.\n\nWhat to do\n\n\
         1. {} Sign in to Xero if it asks you to.\n\
         2. {}Xero shows what {program} will be allowed to do: compare it with the list below.\n\
         3. {choose}\n\
         4. {}\n\n\
         If the list that Xero shows is different, do not confirm, and reply to this message first.\n\n",
        by.comes, by.open, by.click, by.confirm
    );
    body.push_str("By when\n\n");
    body.push_str(&by_when(question, occasion, program));
    let _ = write!(body, "\n\nWhat {program} will be allowed to do\n");
    permissions(&mut body, &after);
    if !gone.known().is_empty() {
        body.push_str("\nWhat it will no longer be allowed to do, beyond the list above\n");
        permissions(&mut body, &gone);
    }
    let lost: Vec<String> = outcome
        .one_way_doors
        .iter()
        .filter(|door| !after.contains(door.scope))
        .map(|door| in_words(door.scope))
        .collect();
    if !lost.is_empty() {
        let _ = write!(
            body,
            "\nGood to know: once it is gone, Xero does not give this back to the program: {}. We know that, and there is \
             nothing for you to do about it.\n",
            phrases::and(&lost)
        );
    }
    if let Some(basis) = change.recorded_alone().filter(|_| change.removes() || change.is_new()) {
        let _ = write!(
            body,
            "\nThe list has what we saw {program} do while we watched it{}. If you know of something that it does only now and \
             then, such as once a year, and that is not in the list, tell us before you approve.\n",
            recorded::days_in_words(&basis.watched)
        );
    }
    let strange = change.unknown();
    let strange: Vec<&str> = strange.iter().map(|name| name.name.as_str()).collect();
    if !strange.is_empty() {
        let _ = write!(
            body,
            "\nOne thing is still open on our side, and not in the list: {}. If Xero shows it, do not confirm, and tell us.\n",
            phrases::and(&strange)
        );
    }
    let sender =
        question.details.sender.as_deref().map_or_else(|| "[your name and company]".to_owned(), phrases::one_line);
    let _ = write!(body, "\nThank you,\n{sender}\n");
    let subject = occasion.subject(&names);
    let subject = if strange.is_empty() {
        subject
    } else {
        format!("[Draft: first look up {}] {subject}", phrases::and(&strange))
    };
    Some(Email { subject, body })
}

/// The occasion of the message.
#[derive(Clone, Copy)]
struct Occasion {
    what: EmailOccasion,
    by: &'static Way,
    /// True if Xero writes to the user.
    is_by_mail: bool,
    /// True if the program stops until the user has approved.
    stops: bool,
}

#[derive(Clone, Copy)]
enum EmailOccasion {
    New,
    Change,
    Switch,
}

/// The way in which the user approves.
struct Way {
    /// The thing that the user gets.
    comes: &'static str,
    /// The same thing, within a sentence.
    thing: &'static str,
    open: &'static str,
    click: &'static str,
    confirm: &'static str,
    /// Advice for an organisation that cannot be chosen.
    unavailable: &'static str,
}

/// A custom connection: Xero writes to the user.
const BY_MAIL: Way = Way {
    comes: "An e-mail from Xero",
    thing: "the e-mail from Xero",
    open: "Open the e-mail from Xero and follow its link.",
    click: "Click Connect. ",
    confirm: "Confirm, and reply to this message, so that we can test it.",
    unavailable: "a custom connection has to be bought for it first: tell us.",
};

/// A Web or PKCE app: we give the user the address of a page of Xero.
const BY_ADDRESS: Way = Way {
    comes: "A second message from us, with the address of a page of Xero",
    thing: "our message with the address",
    open: "Open the address in your browser: it begins with https://login.xero.com/.",
    click: "",
    confirm: "Allow access. If your browser then cannot open a page whose address begins with http://localhost, send us that \
              address at once: it works once, for five minutes.",
    unavailable: "tell us.",
};

impl Occasion {
    fn of(change: &Change<'_>) -> Self {
        let what = match (change.is_new(), change.question.details.switch_organisation) {
            (true, _) => EmailOccasion::New,
            (false, true) => EmailOccasion::Switch,
            (false, false) => EmailOccasion::Change,
        };
        let is_custom = change.today.app == AppKind::Custom;
        let by = if is_custom { &BY_MAIL } else { &BY_ADDRESS };
        Self { what, by, is_by_mail: is_custom, stops: is_custom || change.removes() }
    }

    fn subject(self, names: &Names) -> String {
        match (self.what, &names.program) {
            (EmailOccasion::New, None) => "Please approve our connection to your Xero".to_owned(),
            (EmailOccasion::New, Some(name)) => format!("Please approve the connection of {name} to your Xero"),
            (EmailOccasion::Change, None) => "Please approve our connection to your Xero again".to_owned(),
            (EmailOccasion::Change, Some(name)) => {
                format!("Please approve the connection of {name} to your Xero again")
            }
            (EmailOccasion::Switch, _) => format!("Please connect {} to the other Xero organisation", names.program()),
        }
    }

    /// The reason for the message.
    fn reason(self, names: &Names) -> String {
        let program = |noun: &str| match &names.program {
            Some(name) => format!("{name}, {noun}"),
            None => noun.to_owned(),
        };
        let (a_program, the_program) = (program("a program"), program("the program"));
        let organisation = names.organisation.as_ref().map(|name| format!(", {name}")).unwrap_or_default();
        match self.what {
            EmailOccasion::New => {
                format!(
                    "We look after {a_program} that will work with your Xero organisation{organisation}. Xero connects it only \
                     when you approve it: only you can do that."
                )
            }
            EmailOccasion::Change => {
                let effect = match (self.is_by_mail, self.stops) {
                    (true, _) => "Xero switches the connection off when it is changed, until you approve it again",
                    (false, true) => "What you approved before is taken back for that, until you approve it again",
                    (false, false) => "It works as before until you approve the new list",
                };
                format!(
                    "We look after {the_program} that works with your Xero organisation{organisation}, and we are changing what \
                     it is allowed to do there. {effect}: only you can do that."
                )
            }
            EmailOccasion::Switch => {
                let effect = match (self.is_by_mail, self.stops) {
                    (true, _) => "Xero switches the connection off for that",
                    (false, true) => "What you approved before is taken back for that",
                    (false, false) => "It works as before",
                };
                format!(
                    "We look after {the_program} that works with your Xero organisation, and from now on it is to work with \
                     another one of your organisations{organisation}. {effect}, until you approve it for the other organisation: \
                     only you can do that."
                )
            }
        }
    }

    /// The sentence about choosing an organisation.
    fn choice(self, names: &Names) -> String {
        let suffix = names.organisation.as_ref().map(|name| format!(", {name}")).unwrap_or_default();
        match self.what {
            EmailOccasion::New => match &names.organisation {
                Some(name) => format!("Choose the organisation {name}."),
                None => format!("Choose the organisation that {} is to work with.", names.program()),
            },
            EmailOccasion::Change => format!("Choose the same organisation as before{suffix}."),
            EmailOccasion::Switch => format!(
                "Choose the other organisation{suffix}, not the previous one. If it cannot be chosen, {}",
                self.by.unavailable
            ),
        }
    }

    /// The limits on the program until the user has approved.
    fn until_then(self, program: &str) -> String {
        match self.what {
            EmailOccasion::New => format!("Until then {program} cannot work with your Xero."),
            EmailOccasion::Change | EmailOccasion::Switch if self.stops => {
                format!("Until then {program} can neither read nor send anything in Xero.")
            }
            EmailOccasion::Change | EmailOccasion::Switch => format!("Until then {program} works as before."),
        }
    }
}

/// The names of the program and of the organisation, where they are given.
struct Names {
    program: Option<String>,
    organisation: Option<String>,
}

impl Names {
    fn of(details: &PlanDetails) -> Self {
        let name =
            |given: &Option<String>| given.as_deref().map(phrases::one_line).filter(|name| !name.trim().is_empty());
        Self { program: name(&details.program), organisation: name(&details.organisation_name) }
    }

    /// The program by its name, or `our program`.
    fn program(&self) -> &str {
        self.program.as_deref().unwrap_or("our program")
    }
}

fn by_when(question: &PlanQuestion, occasion: Occasion, program: &str) -> String {
    let latest = question.details.approve_by.map(|day| format!(", and no later than {}", phrases::day(day)));
    let latest = latest.unwrap_or_default();
    format!("On the day on which {} comes{latest}. {}", occasion.by.thing, occasion.until_then(program))
}

/// The scopes in plain words, by what they allow. Names that the catalogue does not have are left out: a bookkeeper does
/// not know them.
fn permissions(out: &mut String, scopes: &ScopeSet) {
    let access = |name: &str| ScopeId::named(name).and_then(ScopeId::row).map(|scope| scope.access);
    for (heading, wanted) in [("See", Access::Read), ("See and change", Access::Write), ("Other", Access::None)] {
        let mut names = scopes.names().filter(|name| access(name) == Some(wanted)).peekable();
        if names.peek().is_none() {
            continue;
        }
        let _ = write!(out, "\n{heading}:\n");
        for name in names {
            let _ = writeln!(out, "- {}", in_words(name));
        }
    }
}

/// The purpose of a scope, and its name.
fn in_words(name: &str) -> String {
    let facts = ScopeId::named(name).and_then(|id| SCOPE_FACTS.get(usize::from(id.0)));
    let name = phrases::one_line(name);
    facts.map_or(name.clone(), |facts| format!("{} ({name})", facts.description.trim_end_matches(" (GET only)")))
}
