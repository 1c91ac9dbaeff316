//! What a change does to a connection: what it adds and takes away, what stays, and what no one can undo.

use super::claim::Claim;
use super::connection::ConnectionFacts;
use super::op::{Op, names};
use super::plan::{Door, KeepsWorking, PlanQuestion, Refusal, Rollback, Stays, Step, StepKind};
use super::rules::{Age, Deadline, Phase, cut, deadline, end_of_broad_in_words};
use super::standing::{Today, Worth, broad, journals, refusal, replacements, valid, worth};
use super::unknown::{UnknownScope, unknown};
use super::words;
use crate::catalogue::{Confidence, Mask, Needs, ScopeId};
use crate::scope::ScopeSet;
use crate::time::Date;

/// What a plan comes to.
pub(super) struct Way {
    pub(super) one_way_doors: Vec<Door>,
    pub(super) steps: Vec<Step>,
    /// The scopes afterwards.
    pub(super) scopes: Vec<String>,
    pub(super) keeps_working: KeepsWorking,
    pub(super) rollback: Rollback,
}

/// How the cautious plan compares with the full one.
pub(super) struct Standing {
    pub(super) recommended: bool,
    pub(super) why: Vec<Claim>,
}

/// A change of one connection.
pub(super) struct Change<'a> {
    pub(super) question: PlanQuestion,
    pub(super) connection: &'a ConnectionFacts,
    /// What the connection has afterwards: what is wanted, without what is refused, and with what is kept.
    pub(super) result: ScopeSet,
    added: ScopeSet,
    removed: ScopeSet,
    refused: Vec<Refusal>,
    kept: Vec<Stays>,
    pub(super) today: Today,
}

impl<'a> Change<'a> {
    pub(super) fn new(question: &PlanQuestion, connection: &'a ConnectionFacts, on: Date) -> Self {
        let PlanQuestion { from, to, .. } = question;
        // A connection without scopes is one that is to be created.
        let created = connection.created_on.or(from.is_empty().then_some(on));
        let today = Today::new(created, on);
        let impossible = to.known().difference(from.known()).iter().filter_map(|id| Some((id, refusal(id, today)?)));
        let impossible: Vec<(ScopeId, Claim)> = impossible.collect();
        let strange: Vec<UnknownScope> = unknown(&to.difference(from));
        let misspelt = strange.iter().filter(|name| name.suggestion.is_some());

        let mut refused: Vec<Refusal> = impossible.iter().cloned().map(cannot_be_added).collect();
        refused.extend(misspelt.map(left_out));
        let wanted = to.difference(&ScopeSet::from_names(refused.iter().map(|refusal| refusal.scope.as_str())));
        let kept = kept(from.known().difference(wanted.known()), wanted.known(), &impossible, &strange, today);
        let stays = kept.iter().filter_map(|stays| ScopeId::named(stays.scope)).map(Mask::only);
        let result = wanted.union(&stays.fold(Mask::EMPTY, Mask::union).into());
        let (added, removed) = (result.difference(from), from.difference(&result));
        Self { question: question.clone(), connection, result, added, removed, refused, kept, today }
    }

    /// The change that removes nothing yet, and how it compares; `None` if everything can be undone.
    pub(super) fn careful(&self) -> Option<(Self, Standing)> {
        let doors = self.one_way_doors();
        if doors.is_empty() {
            return None;
        }
        let to = self.question.from.union(&self.result);
        let careful = Self::new(&PlanQuestion { to, ..self.question.clone() }, self.connection, self.today.on);
        // Whatever was refused stays refused.
        let careful = Self { refused: self.refused.clone(), ..careful };
        let gone: Vec<&str> = doors.iter().map(|door| door.scope).collect();
        let gone = words::and(&gone);
        let missed = format!("a call that was overlooked cannot be mended once these are removed: {gone}");
        let is_broad = !self.broad_removed().is_empty();
        let mut why = vec![if is_broad {
            Claim::rule("R11", missed)
        } else {
            Claim::rule("R6", missed).at_most(Confidence::Inferred)
        }];
        let recommended = !is_broad || self.today.end == Phase::Before;
        if is_broad {
            let end = end_of_broad_in_words();
            why.push(Claim::rule(
                "R13",
                if recommended {
                    format!(
                        "what stays configured keeps working until {end}: remove it before, after all calls were seen to \
                         work"
                    )
                } else {
                    format!("there is no time left for it: the broad scopes end in {end}")
                },
            ));
        }
        why.push(Claim::rule(
            "R9",
            if careful.changes() {
                "it costs one more deactivation: one now, one when the scopes are removed"
            } else {
                "nothing has to be added, so leave the connection alone and it stays active"
            },
        ));
        why.push(Claim::rule("R24", "rehearse the wanted scopes on a second custom connection to the demo company"));
        Some((careful, Standing { recommended, why }))
    }

    /// What the change comes to.
    pub(super) fn way(&self) -> Way {
        Way {
            one_way_doors: self.one_way_doors(),
            steps: self.steps(),
            scopes: owned(&self.result),
            keeps_working: self.keeps_working(),
            rollback: self.rollback(),
        }
    }

    pub(super) fn refused(&self) -> &[Refusal] {
        &self.refused
    }

    pub(super) fn kept(&self) -> &[Stays] {
        &self.kept
    }

    /// The names that the catalogue does not have, of the scopes before and of those that are wanted.
    pub(super) fn unknown(&self) -> Vec<UnknownScope> {
        unknown(&self.question.from.union(&self.question.to))
    }

    /// Whether the connection is to be created.
    pub(super) const fn is_new(&self) -> bool {
        self.question.from.is_empty()
    }

    /// Whether there is anything to do.
    pub(super) const fn changes(&self) -> bool {
        let switches = self.question.switch_organisation && !self.is_new();
        switches || !self.added.is_empty() || !self.removed.is_empty()
    }

    /// Whether the connection has a broad scope that may still work.
    fn has_broad(&self) -> bool {
        self.today.age != Age::Newer && !broad(self.question.from.known()).is_empty()
    }

    /// The broad scopes that are removed, whether or not they still work.
    fn broad_removed(&self) -> Mask {
        broad(self.removed.known())
    }

    fn one_way_doors(&self) -> Vec<Door> {
        let after = valid(self.result.known(), self.today);
        let loses = |id: ScopeId| {
            let lost =
                |op: &Op| op.openers().contains(id) && !op.openers().intersects(after) && op.choices().is_empty();
            Op::all().filter(lost).map(|op| op.operation().key()).collect()
        };
        let door = |id: ScopeId| Some(Door { scope: id.name(), loses: loses(id), why: self.no_way_back(id)? });
        self.removed.known().iter().filter_map(door).collect()
    }

    /// Why a removed scope cannot come back although it works today; `None` if it can, or does not work.
    fn no_way_back(&self, id: ScopeId) -> Option<Claim> {
        let name = id.name();
        let scope = Mask::only(id);
        if worth(id, self.today) == Worth::Void {
            None
        } else if !broad(scope).is_empty() {
            let text = format!("{name} is gone for good: once removed, a broad scope cannot be added again");
            Some(Claim::rule("R11", text))
        } else if !journals(scope).is_empty() {
            let text = format!(
                "treat {name} as gone for good: connections created before {} may keep it, and no source says that one \
                 can get it back",
                cut()
            );
            Some(Claim::rule("R6", text).at_most(Confidence::Inferred))
        } else {
            None
        }
    }

    fn steps(&self) -> Vec<Step> {
        if !self.changes() {
            return Vec::new();
        }
        if self.is_new() {
            return self.creation().into();
        }
        let none = ScopeSet::default();
        let broad = self.broad_removed();
        let (replaced, bare): (Vec<ScopeId>, Vec<ScopeId>) =
            broad.iter().partition(|&id| !heirs(id, self.result.known()).is_empty());
        let mut steps = Vec::new();
        let mut adds = self.added.clone();
        for id in replaced {
            let heirs = ScopeSet::from(heirs(id, self.result.known()));
            let own = ScopeSet::from(heirs.known().intersection(adds.known()));
            adds = adds.difference(&own);
            let text = format!("replace {} by {}", id.name(), words::and(&owned(&heirs)));
            steps.push(step(StepKind::Replace, &own, &Mask::only(id).into(), Claim::rule("R12", text)));
        }
        if !adds.is_empty() {
            steps.push(step(StepKind::Add, &adds, &none, self.adding(&adds)));
        }
        let others = self.removed.difference(&broad.into());
        if !others.is_empty() {
            let text = format!("remove {}", words::and(&owned(&others)));
            steps.push(step(StepKind::Remove, &none, &others, Claim::rule("R28", text)));
        }
        for id in bare {
            let text = format!("remove {}; none of the scopes that replace it is wanted", id.name());
            steps.push(step(StepKind::Remove, &none, &Mask::only(id).into(), Claim::rule("R12", text)));
        }
        steps.sort_by_key(|step| step.kind);
        steps.extend(self.aftermath());
        steps
    }

    fn adding(&self, adds: &ScopeSet) -> Claim {
        let text = format!("add {}", words::and(&owned(adds)));
        self.as_far_as_known("R8", text, adds)
    }

    /// The sentence, with those of `adds` named that this connection may not get.
    fn as_far_as_known(&self, rule: &'static str, mut text: String, adds: &ScopeSet) -> Claim {
        let reads_journals = journals(adds.known());
        let doubtful = |id: &ScopeId| worth(*id, self.today) == Worth::Doubtful || reads_journals.contains(*id);
        let mut unsure: Vec<String> = adds.known().iter().filter(doubtful).map(|id| id.name().to_owned()).collect();
        unsure.extend(adds.unknown().iter().map(|name| words::one_line(name)));
        if unsure.is_empty() {
            return Claim::rule(rule, text);
        }
        text.push_str("; whether this connection can get ");
        text.push_str(&words::or(&unsure));
        text.push_str(" is not certain");
        Claim::rule(rule, text).at_most(Confidence::Inferred)
    }

    /// How people call who authorises the connection.
    fn user(&self) -> String {
        match &self.connection.authorising_user {
            Some(user) => words::one_line(user),
            None => "the authorising user".to_owned(),
        }
    }

    /// The steps of a new connection.
    fn creation(&self) -> [Step; 3] {
        let user = self.user();
        let text = format!(
            "create a custom connection in the developer portal, with the e-mail address of {user} and these scopes: {}",
            words::and(&owned(&self.result))
        );
        let create = self.as_far_as_known("R21", text, &self.result);
        let authorise = format!("{user} gets an e-mail, chooses the organisation and authorises the connection");
        [
            step(StepKind::Create, &self.result, &ScopeSet::default(), create),
            bare(StepKind::Authorise, "R22", authorise),
            bare(StepKind::Test, "R15", TEST),
        ]
    }

    /// What every change of a connection brings.
    fn aftermath(&self) -> Vec<Step> {
        let user = self.user();
        let save = if self.question.switch_organisation {
            "edit the connection in the developer portal to switch its organisation, and save that when an interruption \
             hurts least: it deactivates the connection"
        } else {
            "save the change when an interruption hurts least: it deactivates the connection"
        };
        let mut steps = vec![
            bare(StepKind::Deactivate, "R9", save),
            bare(
                StepKind::Reauthorise,
                "R22",
                format!("{user} gets an e-mail and authorises the connection again; it stays off until then"),
            ),
        ];
        if self.question.switch_organisation {
            steps.push(bare(
                StepKind::ChooseOrganisation,
                "R2",
                format!(
                    "{user} chooses the other organisation; a custom connection has to be bought for it, or it cannot be \
                     chosen"
                ),
            ));
            let text = "drop every token that was stored before, and have services ask for a new one: old tokens name the \
                        old organisation";
            let drop = Claim::rule("R19", text).at_most(Confidence::Inferred);
            steps.push(step(StepKind::DropTokens, &ScopeSet::default(), &ScopeSet::default(), drop));
        }
        steps.push(bare(StepKind::Test, "R15", if self.question.switch_organisation { TEST_SWITCH } else { TEST }));
        steps
    }

    fn keeps_working(&self) -> KeepsWorking {
        let before = valid(self.question.from.known(), self.today);
        let after = valid(self.result.known(), self.today);
        // How sure it is that a set opens an operation.
        let sure = |op: Op, scopes: Mask| match (op.openers().intersects(scopes), op.candidates().intersects(scopes)) {
            (true, _) => 2,
            (false, true) => 1,
            (false, false) => 0,
        };
        let mut kept = 0_usize;
        let (mut gained, mut lost) = (Vec::new(), Vec::new());
        for op in Op::all() {
            match (sure(op, before), sure(op, after)) {
                (2, 2) => kept = kept.saturating_add(1),
                (_, 2) => gained.push(op.operation().key()),
                (2, _) | (1, 0) => lost.push(op.operation().key()),
                _ => {}
            }
        }
        KeepsWorking { meanwhile: self.meanwhile(), kept, gained, lost }
    }

    /// What works until the connection is authorised.
    fn meanwhile(&self) -> Vec<Claim> {
        if !self.changes() {
            return vec![Claim::rule("R9", "everything: nothing changes, so the connection stays active")];
        }
        if self.is_new() {
            let text = "nothing is interrupted: the connection is new, and works once it was authorised";
            return vec![Claim::rule("R22", text)];
        }
        let mut meanwhile = vec![
            Claim::rule(
                "R9",
                "count on nothing between the change and the new authorisation; no source says what becomes of tokens \
                 already issued",
            ),
            Claim::reported("R9", "a third party saw tokens still issued meanwhile, and API calls answered with 403"),
            Claim::rule("R14", "no token from before the change outlives it by more than 30 minutes"),
        ];
        if self.question.switch_organisation {
            let undocumented = |text: &str| Claim::rule("R8", text).at_most(Confidence::Inferred);
            meanwhile.push(undocumented(
                "the effect of the switch on tokens already issued is not documented: they may still reach the old \
                 organisation until they end",
            ));
            if self.today.age != Age::Newer {
                meanwhile.push(undocumented(
                    "the effect of the switch on broad scopes is not documented: they may be lost with it",
                ));
            }
            let text = "afterwards every call reaches the other organisation, and ids stored from the old one mean nothing \
                        there";
            meanwhile.push(Claim::rule("R19", text).at_most(Confidence::Inferred));
        }
        meanwhile
    }

    fn rollback(&self) -> Rollback {
        let removed = self.removed.known();
        let is_back = |id: &ScopeId| refusal(*id, self.today).is_none();
        let gone: Vec<ScopeId> = removed.iter().filter(|id| !is_back(id) || self.no_way_back(*id).is_some()).collect();
        let lost = gone.iter().fold(Mask::EMPTY, |lost, &id| lost.union(Mask::only(id)));
        // No source says that broad scopes survive a switch.
        let at_risk = if self.question.switch_organisation && self.has_broad() {
            broad(self.question.from.known())
        } else {
            Mask::EMPTY
        };
        let scopes = owned(&self.question.from.difference(&lost.union(at_risk).into()));
        // Of several reasons the surest: that broad scopes do not come back.
        let why = match broad(lost).iter().next().or(gone.first().copied()) {
            _ if !self.changes() => Claim::rule("R9", "there is nothing to undo"),
            None if self.is_new() => Claim::rule("R28", "there is nothing to go back to: the connection is new"),
            None if !at_risk.is_empty() => Claim::rule(
                "R8",
                format!(
                    "the organisation can be switched back, which deactivates the connection once more; whether it then \
                     still has {} is not documented",
                    words::and(&names(at_risk))
                ),
            )
            .at_most(Confidence::Inferred),
            None => Claim::rule("R9", "a second change undoes this one; it deactivates the connection once more"),
            Some(first) => {
                let text = format!("there is none: {} cannot be added again; the rest can", words::and(&names(lost)));
                let ground = self.no_way_back(first).or_else(|| refusal(first, self.today));
                ground.map_or_else(|| Claim::rule("R11", text.clone()), |claim| Claim { text: text.clone(), ..claim })
            }
        };
        Rollback { possible: gone.is_empty() && at_risk.is_empty(), scopes, why }
    }

    /// The end of the broad scopes, if the connection has some.
    pub(super) fn deadline(&self) -> Option<Deadline> {
        self.has_broad().then(|| deadline("R13", self.today.on)).flatten()
    }
}

/// The granular scopes of `among` that open something which the broad scope opens.
fn heirs(broad: ScopeId, among: Mask) -> Mask {
    let theirs = Needs::all().iter().filter(|needs| needs.legacy.contains(broad));
    theirs.fold(Mask::EMPTY, |found, needs| found.union(needs.granular)).intersection(among)
}

fn step(kind: StepKind, adds: &ScopeSet, removes: &ScopeSet, why: Claim) -> Step {
    Step { kind, adds: owned(adds), removes: owned(removes), why }
}

fn owned(scopes: &ScopeSet) -> Vec<String> {
    scopes.names().map(str::to_owned).collect()
}

/// A step that changes no scope.
fn bare(kind: StepKind, rule: &'static str, text: impl Into<String>) -> Step {
    let none = ScopeSet::default();
    step(kind, &none, &none, Claim::rule(rule, text))
}

const TEST: &str = "request a new token, compare its scopes with those of this plan, and make one call for each";
const TEST_SWITCH: &str = "request a new token, compare its scopes with those of this plan, see that GET /Organisation \
                           names the other organisation, and make one call for each scope";

/// A wanted scope that this connection cannot get, with what takes its place.
fn cannot_be_added((id, mut why): (ScopeId, Claim)) -> Refusal {
    let instead = replacements(id);
    if !instead.is_empty() {
        why.text = format!("{}; in its place there are {}", why.text, words::and(&names(instead)));
    }
    Refusal { scope: id.name().to_owned(), why }
}

/// A wanted name that looks like a misspelt scope.
fn left_out(name: &UnknownScope) -> Refusal {
    let mut why = name.claim();
    why.text.push_str("; the plan leaves it out");
    Refusal { scope: name.name.clone(), why }
}

/// The scopes of `removed` that stay: they open operations that nothing opens in `result`, and that a wanted scope was to
/// open which is not there, or may have been.
fn kept(
    removed: Mask,
    result: Mask,
    impossible: &[(ScopeId, Claim)],
    strange: &[UnknownScope],
    today: Today,
) -> Vec<Stays> {
    let after = valid(result, today);
    // What each of them was to open; a name that says nothing may have been anything.
    let unavailable = impossible.iter().map(|(id, _)| (id.name(), Some(*id)));
    let missing = unavailable.chain(strange.iter().map(|name| (name.name.as_str(), name.meant())));
    let missing: Vec<(&str, Option<ScopeId>)> = missing.collect();
    let successor = |id: ScopeId| {
        let lost = || Op::all().filter(|op| op.candidates().contains(id) && !op.openers().intersects(after));
        missing.iter().find(|(_, meant)| lost().any(|op| meant.is_none_or(|meant| op.candidates().contains(meant))))
    };
    let stays = |id: ScopeId| {
        let name = id.name();
        let (wanted, meant) = successor(id)?;
        let why = if meant.is_some_and(|meant| meant.name() == *wanted) {
            let text = format!("{name} stays: {wanted}, which was to open the same, cannot be added");
            Claim::rule("R12", text)
        } else {
            let text = format!(
                "{name} stays: {wanted} is not in the catalogue, so it is not certain that anything takes the place of \
                 {name}"
            );
            Claim::rule("R28", text)
        };
        Some(Stays { scope: name, why })
    };
    valid(removed, today).iter().filter_map(stays).collect()
}
