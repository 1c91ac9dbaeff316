//! From one set of scopes to another: in order, and with what cannot be undone first.

use serde::Serialize;

use super::claim::{Citation, Claim};
use super::connection::ConnectionFacts;
use super::op::{Op, names};
use super::rules::{Age, Deadline, Phase, cut, deadline, end_of_broad_in_words};
use super::standing::{Today, Worth, broad, journals, refusal, valid, worth};
use super::ticket::{self, Email};
use super::words;
use crate::catalogue::{Confidence, Mask, Needs, ScopeId, VERSION};
use crate::scope::ScopeSet;
use crate::time::Date;

/// How to change the scopes of a connection.
///
/// In JSON: `{ catalogue, on, oneWayDoors, refused, steps, scopes, keepsWorking, rollback, deadline?, cautious?, markdown,
/// email? }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "ChangePlan"))]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// The version of the catalogue.
    pub catalogue: &'static str,
    /// The day of the answer.
    pub on: Date,
    /// What cannot be undone.
    pub one_way_doors: Vec<Door>,
    /// The wanted scopes that cannot be added. The plan leaves them out.
    pub refused: Vec<Refusal>,
    /// What to do, in order; nothing if nothing changes.
    pub steps: Vec<Step>,
    /// The scopes that the connection has afterwards.
    pub scopes: Vec<String>,
    /// What works meanwhile and afterwards.
    pub keeps_working: KeepsWorking,
    /// The way back, or that there is none.
    pub rollback: Rollback,
    /// The end of the broad scopes, if the connection has some.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deadline: Option<Deadline>,
    /// The plan that removes nothing yet, if this one has a way of no return.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cautious: Option<Cautious>,
    /// The plan as a change ticket.
    pub markdown: String,
    /// A message to the authorising user, if something changes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<Email>,
}

/// Something that cannot be undone. In JSON: `{ scope, loses, why }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "OneWayDoor"))]
#[serde(rename_all = "camelCase")]
pub struct Door {
    /// The scope that is gone afterwards.
    pub scope: &'static str,
    /// The operations that it opens, that nothing opens afterwards and that no scope which can still be added would open
    /// for sure, by key.
    pub loses: Vec<String>,
    /// Why there is no way back.
    pub why: Claim,
}

/// A wanted scope that cannot be added. In JSON: `{ scope, why }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "RefusedScope"))]
#[serde(rename_all = "camelCase")]
pub struct Refusal {
    /// The scope.
    pub scope: &'static str,
    /// Why it cannot be added.
    pub why: Claim,
}

/// One thing to do. In JSON: `{ kind, adds, removes, why }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "PlanStep"))]
#[serde(rename_all = "camelCase")]
pub struct Step {
    /// What kind of thing.
    pub kind: StepKind,
    /// The scopes that it adds.
    pub adds: Vec<String>,
    /// The scopes that it removes.
    pub removes: Vec<String>,
    /// What to do or what happens, and on what that rests.
    pub why: Claim,
}

/// A kind of step, in the order of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum StepKind {
    /// Add scopes in the developer portal.
    Add,
    /// Remove scopes that nothing replaces.
    Remove,
    /// Remove a broad scope, and have granular ones in its place.
    Replace,
    /// Saving the change deactivates the connection.
    Deactivate,
    /// The authorising user authorises it again.
    Reauthorise,
    /// See that it works.
    Test,
}

/// What works meanwhile and afterwards. In JSON: `{ meanwhile, kept, gained, lost }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct KeepsWorking {
    /// Until the connection is authorised again.
    pub meanwhile: Vec<Claim>,
    /// How many operations are open before and after.
    pub kept: usize,
    /// The operations that the change opens, by key.
    pub gained: Vec<String>,
    /// The operations that the change closes, by key.
    pub lost: Vec<String>,
}

/// The way back. In JSON: `{ possible, scopes, why }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Rollback {
    /// Whether the connection can get back exactly what it had.
    pub possible: bool,
    /// The scopes that it can get back to at most.
    pub scopes: Vec<String>,
    /// How, or why not.
    pub why: Claim,
}

/// The plan that removes nothing yet. In JSON: `{ recommended, steps, scopes, why }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "CautiousPlan"))]
#[serde(rename_all = "camelCase")]
pub struct Cautious {
    /// Whether it is the safer one on the day of the answer.
    pub recommended: bool,
    /// What to do, in order; nothing if it is best to leave the connection alone.
    pub steps: Vec<Step>,
    /// The scopes that the connection has afterwards.
    pub scopes: Vec<String>,
    /// Why and until when it is safer, or why not, and what it costs.
    pub why: Vec<Claim>,
}

impl Plan {
    /// The scopes that a connection with `from` has after the steps.
    pub fn apply(&self, from: &ScopeSet) -> ScopeSet {
        self.steps
            .iter()
            .fold(from.clone(), |scopes, step| scopes.difference(&set(&step.removes)).union(&set(&step.adds)))
    }
}

/// Plans the change of a connection from the scopes it has to the ones wanted, on the day `on`.
///
/// The plan is one edit in the developer portal. It leaves out wanted scopes that cannot be added, and says so in
/// `refused`; without any, [`Plan::apply`] on `from` gives `to`.
pub fn plan(connection: &ConnectionFacts, from: &ScopeSet, to: &ScopeSet, on: Date) -> Plan {
    let change = Change::new(connection, from, to, on);
    let mut plan = Plan {
        catalogue: VERSION,
        on,
        one_way_doors: change.doors(),
        refused: change.refused.clone(),
        steps: change.steps(),
        scopes: owned(&change.result),
        keeps_working: change.keeps_working(),
        rollback: change.rollback(),
        deadline: change.deadline(),
        cautious: change.cautious(),
        markdown: String::new(),
        email: None,
    };
    plan.markdown = ticket::markdown(&plan, connection, from);
    plan.email = ticket::email(&plan, connection, from);
    plan
}

struct Change<'a> {
    connection: &'a ConnectionFacts,
    from: &'a ScopeSet,
    /// What is wanted, without what is refused.
    result: ScopeSet,
    added: ScopeSet,
    removed: ScopeSet,
    refused: Vec<Refusal>,
    today: Today,
}

impl<'a> Change<'a> {
    fn new(connection: &'a ConnectionFacts, from: &'a ScopeSet, to: &ScopeSet, on: Date) -> Self {
        let today = Today::new(connection.created_on, on);
        let wanted = to.known().difference(from.known());
        let refuse = |id: ScopeId| Some(Refusal { scope: id.name(), why: refusal(id, today)? });
        let refused: Vec<Refusal> = wanted.iter().filter_map(refuse).collect();
        let result = to.difference(&ScopeSet::from_names(refused.iter().map(|refusal| refusal.scope)));
        let (added, removed) = (result.difference(from), from.difference(&result));
        Self { connection, from, result, added, removed, refused, today }
    }

    /// The broad scopes that are removed, whether or not they still work.
    fn broad_removed(&self) -> Mask {
        broad(self.removed.known())
    }

    fn doors(&self) -> Vec<Door> {
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
        if !steps.is_empty() {
            steps.extend(self.aftermath());
        }
        steps
    }

    fn adding(&self, adds: &ScopeSet) -> Claim {
        let mut text = format!("add {}", words::and(&owned(adds)));
        let doubtful = adds.known().iter().filter(|&id| worth(id, self.today) == Worth::Doubtful);
        let mut unsure: Vec<String> = doubtful.map(|id| id.name().to_owned()).collect();
        unsure.extend(journals(adds.known()).iter().map(|id| id.name().to_owned()));
        unsure.extend(adds.unknown().iter().map(|name| words::one_line(name)));
        unsure.dedup();
        if unsure.is_empty() {
            return Claim::rule("R8", text);
        }
        text.push_str("; whether this connection can get ");
        text.push_str(&words::or(&unsure));
        text.push_str(" is not certain");
        Claim::rule("R8", text).at_most(Confidence::Inferred)
    }

    /// What every change brings.
    fn aftermath(&self) -> [Step; 3] {
        let user = match &self.connection.authorising_user {
            Some(user) => words::one_line(user),
            None => "the authorising user".to_owned(),
        };
        let none = ScopeSet::default();
        let plain = |kind, rule, text: String| step(kind, &none, &none, Claim::rule(rule, text));
        [
            plain(
                StepKind::Deactivate,
                "R9",
                "save the change when an interruption hurts least: it deactivates the connection".to_owned(),
            ),
            plain(
                StepKind::Reauthorise,
                "R22",
                format!("{user} gets an e-mail and authorises the connection again; it stays off until then"),
            ),
            plain(
                StepKind::Test,
                "R15",
                "request a new token, compare its scopes with those of this plan, and make one call for each"
                    .to_owned(),
            ),
        ]
    }

    fn keeps_working(&self) -> KeepsWorking {
        let before = valid(self.from.known(), self.today);
        let after = valid(self.result.known(), self.today);
        let mut kept = 0_usize;
        let (mut gained, mut lost) = (Vec::new(), Vec::new());
        for op in Op::all() {
            match (op.openers().intersects(before), op.openers().intersects(after)) {
                (true, true) => kept = kept.saturating_add(1),
                (false, true) => gained.push(op.operation().key()),
                (true, false) => lost.push(op.operation().key()),
                (false, false) => {}
            }
        }
        let meanwhile = if self.steps().is_empty() {
            vec![Claim::rule("R9", "everything: nothing changes, so the connection stays active")]
        } else {
            vec![
                Claim::rule(
                    "R9",
                    "count on nothing between the change and the new authorisation; no source says what becomes of \
                     tokens already issued",
                ),
                Claim::reported(
                    "R9",
                    "a third party saw tokens still issued meanwhile, and API calls answered with 403",
                ),
                Claim::rule("R14", "no token from before the change outlives it by more than 30 minutes"),
            ]
        };
        KeepsWorking { meanwhile, kept, gained, lost }
    }

    fn rollback(&self) -> Rollback {
        let removed = self.removed.known();
        let is_back = |id: &ScopeId| refusal(*id, self.today).is_none();
        let gone: Vec<ScopeId> = removed.iter().filter(|id| !is_back(id) || self.no_way_back(*id).is_some()).collect();
        let lost = gone.iter().fold(Mask::EMPTY, |lost, &id| lost.union(Mask::only(id)));
        let scopes = self.from.difference(&lost.into());
        // Of several reasons the surest: that broad scopes do not come back.
        let why = match broad(lost).iter().next().or(gone.first().copied()) {
            _ if self.steps().is_empty() => Claim::rule("R9", "there is nothing to undo"),
            None => Claim::rule("R9", "a second change undoes this one; it deactivates the connection once more"),
            Some(first) => {
                let text = format!("there is none: {} cannot be added again; the rest can", words::and(&names(lost)));
                let ground = self.no_way_back(first).or_else(|| refusal(first, self.today));
                ground.map_or_else(|| Claim::rule("R11", text.clone()), |claim| Claim { text: text.clone(), ..claim })
            }
        };
        Rollback { possible: gone.is_empty(), scopes: owned(&scopes), why }
    }

    fn deadline(&self) -> Option<Deadline> {
        let concerned = self.today.age != Age::Newer && !broad(self.from.known()).is_empty();
        concerned.then(|| deadline("R13", self.today.on)).flatten()
    }

    fn cautious(&self) -> Option<Cautious> {
        let doors = self.doors();
        if doors.is_empty() {
            return None;
        }
        let kept = self.from.union(&self.result);
        let careful = Change::new(self.connection, self.from, &kept, self.today.on);
        let steps = careful.steps();
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
                    format!("what stays configured keeps working until {end}: remove it before, after all calls were seen to work")
                } else {
                    format!("there is no time left for it: the broad scopes end in {end}")
                },
            ));
        }
        why.push(Claim::rule(
            "R9",
            if steps.is_empty() {
                "nothing has to be added, so leave the connection alone and it stays active"
            } else {
                "it costs one more deactivation: one now, one when the scopes are removed"
            },
        ));
        why.push(Claim::rule("R24", "rehearse the wanted scopes on a second custom connection to the demo company"));
        Some(Cautious { recommended, steps, scopes: owned(&kept), why })
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

fn set(names: &[String]) -> ScopeSet {
    ScopeSet::from_names(names.iter().map(String::as_str))
}

impl Plan {
    /// Every claim of the plan, in the order of the ticket.
    pub(super) fn claims(&self) -> impl Iterator<Item = &Claim> {
        let doors = self.one_way_doors.iter().map(|door| &door.why);
        let refused = self.refused.iter().map(|refusal| &refusal.why);
        let steps = self.steps.iter().map(|step| &step.why);
        let meanwhile = self.keeps_working.meanwhile.iter();
        let cautious = self.cautious.iter().flat_map(|cautious| &cautious.why);
        doors.chain(refused).chain(steps).chain(meanwhile).chain([&self.rollback.why]).chain(cautious)
    }

    /// What the plan cites, each source once, in the order of first use.
    pub(super) fn sources(&self) -> Vec<Citation> {
        let mut sources: Vec<Citation> = Vec::new();
        let end = self.deadline.iter().flat_map(|end| [Some(end.source), end.reported.as_ref().map(|day| day.source)]);
        for source in self.claims().map(|claim| claim.source).chain(end.flatten()) {
            if !sources.contains(&source) {
                sources.push(source);
            }
        }
        sources
    }
}
