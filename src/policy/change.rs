//! The effect of a change on a connection: scopes that are added, removed and kept, and steps that cannot be undone.

use super::claim::Claim;
use super::connection::ConnectionFacts;
use super::course::{self, Course, step};
use super::due::{Due, due};
use super::finding::{self, Finding};
use super::kinds::KindWords;
use super::operation::Entry;
use super::phrases;
use super::plan::{Door, KeepsWorking, PlanQuestion, PlanStep, Refusal, Rollback, Stays, StepKind};
use super::recorded;
use super::rules::{Age, Deadline, Phase, age, deadline, end_of_broad_in_words};
use super::suitable;
use super::unknown::{UnknownScope, unknown};
use super::validity::{
    self, REFRESH, Today, Validity, broad, journals, reasons, replacements, usable, validity, why_not_addable,
};
use crate::catalogue::{AppKind, Confidence, Family, Mask, Needs, ScopeId};
use crate::resolve::RecordedBasis;
use crate::scope::ScopeSet;
use crate::time::Date;

/// The outcome of a plan.
pub(super) struct PlanOutcome {
    pub(super) one_way_doors: Vec<Door>,
    pub(super) steps: Vec<PlanStep>,
    /// The scopes afterwards.
    pub(super) scopes: Vec<String>,
    pub(super) keeps_working: KeepsWorking,
    pub(super) rollback: Rollback,
}

/// A comparison of the cautious plan with the full one.
pub(super) struct Comparison {
    pub(super) recommended: bool,
    pub(super) why: Vec<Claim>,
}

/// A change of one connection.
pub(super) struct Change<'a> {
    pub(super) question: PlanQuestion,
    pub(super) connection: &'a ConnectionFacts,
    /// The scopes of the connection afterwards: the wanted ones, without the refused ones, and with those that are kept.
    pub(super) result: ScopeSet,
    added: ScopeSet,
    removed: ScopeSet,
    refused: Vec<Refusal>,
    kept: Vec<Stays>,
    /// The scopes that are sure to work once the connection is authorised: none that might not be granted.
    certain: Mask,
    pub(super) today: Today,
}

impl<'a> Change<'a> {
    pub(super) fn new(question: &PlanQuestion, connection: &'a ConnectionFacts, on: Date) -> Self {
        let PlanQuestion { from, to, .. } = question;
        let mut today = Today::of(connection, from.known(), on);
        if from.is_empty() {
            // A connection without scopes is one that is to be created.
            today.age = age(connection.app, connection.created_on.or(Some(on)));
        }
        let impossible =
            to.known().difference(from.known()).iter().filter_map(|id| Some((id, why_not_addable(id, today)?)));
        let impossible: Vec<(ScopeId, Claim)> = impossible.collect();
        let strange: Vec<UnknownScope> = unknown(&to.difference(from));
        let misspelt = strange.iter().filter(|name| name.suggestion.is_some());

        let mut refused: Vec<Refusal> = impossible.iter().cloned().map(cannot_be_added).collect();
        refused.extend(misspelt.map(|name| left_out(name, today)));
        let wanted = to.difference(&ScopeSet::from_names(refused.iter().map(|refusal| refusal.scope.as_str())));
        let certain = certain(from.known(), wanted.known(), today);
        let absent: Vec<Absent> = impossible
            .iter()
            .map(|(id, _)| Absent::refused(*id, today))
            .chain(strange.iter().map(|name| Absent::unknown(name, today)))
            .chain(
                wanted
                    .known()
                    .difference(from.known())
                    .difference(certain)
                    .iter()
                    .map(|id| Absent::uncertain(id, today)),
            )
            .collect();
        let mut kept: Vec<Stays> =
            from.difference(&wanted).unknown().iter().map(|name| unknown_stays(name, today)).collect();
        kept.extend(from.known().difference(wanted.known()).iter().filter_map(|id| refresh_stays(id, today)));
        kept.extend(kept_for(from.known().difference(wanted.known()), certain, &absent, today));
        let mut result = wanted.union(&ScopeSet::from_names(kept.iter().map(|stays| stays.scope.as_str())));
        if result.is_empty() && !refused.is_empty() {
            kept.extend(from.known().iter().map(|id| last_stays(id, &refused, today)));
            result = from.clone();
        }
        let (added, removed) = (result.difference(from), from.difference(&result));
        let certain = self::certain(from.known(), result.known(), today);
        Self { question: question.clone(), connection, result, added, removed, refused, kept, certain, today }
    }

    /// The change that removes nothing yet, and how it compares; `None` if nothing is removed for good.
    pub(super) fn cautious(&self) -> Option<(Self, Comparison)> {
        let doors = self.doors_of_removal();
        if doors.is_empty() {
            return None;
        }
        let to = self.question.from.union(&self.result.difference(&self.spare().into()));
        let careful = Self::new(&PlanQuestion { to, ..self.question.clone() }, self.connection, self.today.on);
        // The same scopes are refused as in the full plan, and the same ones are kept, for the same reasons.
        let careful = Self { refused: self.refused.clone(), kept: self.kept.clone(), ..careful };
        let gone: Vec<&str> = doors.iter().map(|door| door.scope).collect();
        let gone = phrases::and(&gone);
        let missed = format!("an overlooked call cannot be opened again once these are removed: {gone}");
        let is_broad = !self.broad_removed().is_empty();
        let most_certain = doors.iter().min_by_key(|door| door.why.confidence);
        let mut why: Vec<Claim> =
            most_certain.map(|door| Claim { text: missed, ..door.why.clone() }).into_iter().collect();
        let recommended = !is_broad || self.today.end == Phase::Before;
        if is_broad {
            let end = end_of_broad_in_words();
            why.push(Claim::rule(
                self.today.words().end,
                if recommended {
                    format!(
                        "what stays {} keeps working until {end}: remove it before, once all calls have been verified",
                        if self.today.app == AppKind::Custom { "configured" } else { "granted" }
                    )
                } else {
                    format!("there is no time left for it: the broad scopes end in {end}")
                },
            ));
        }
        why.extend(self.course().cost(careful.changes()));
        Some((careful, Comparison { recommended, why }))
    }

    /// The scopes that need not be added while nothing is removed: what stays, or can be added again, opens everything that they do.
    fn spare(&self) -> Mask {
        let gone: Mask = self.removed.known().iter().filter(|id| self.no_way_back(*id).is_some()).collect();
        let held = usable(self.question.from.known().difference(gone), self.today);
        self.added.known().iter().filter(|&id| !is_missed(id, held)).collect()
    }

    /// The outcome of the change.
    pub(super) fn outcome(&self) -> PlanOutcome {
        PlanOutcome {
            one_way_doors: self.one_way_doors(),
            steps: self.steps(),
            scopes: owned(&self.result),
            keeps_working: self.keeps_working(),
            rollback: self.rollback(),
        }
    }

    /// Findings about uses that this kind of app is not made for, and about facts that contradict each other.
    pub(super) fn findings(&self) -> Vec<Finding> {
        let mut findings = suitable::findings(self.connection);
        findings.extend(validity::contradiction(self.connection, self.question.from.known(), self.today.on));
        finding::sort(&mut findings);
        findings
    }

    /// The course of changes of this kind of app.
    fn course(&self) -> &'static dyn Course {
        course::of(self.today.app)
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

    /// The recordings that the wanted scopes rest on, if some calls are known from them alone.
    pub(super) fn recorded_alone(&self) -> Option<&RecordedBasis> {
        self.question.recorded.as_ref().filter(|basis| basis.only > 0)
    }

    /// Returns true if the connection is to be created.
    pub(super) const fn is_new(&self) -> bool {
        self.question.from.is_empty()
    }

    /// Returns true if there is anything to do.
    pub(super) const fn changes(&self) -> bool {
        let switches = self.question.details.switch_organisation && !self.is_new();
        switches || !self.added.is_empty() || !self.removed.is_empty()
    }

    /// Returns true if scopes are removed.
    pub(super) fn removes(&self) -> bool {
        !self.removed.is_empty()
    }

    /// Returns true if the connection has a broad scope that may still work.
    fn has_broad(&self) -> bool {
        self.today.app != AppKind::App && self.today.age != Age::Newer && !broad(self.question.from.known()).is_empty()
    }

    /// The broad scopes that are removed, whether or not they still work.
    fn broad_removed(&self) -> Mask {
        broad(self.removed.known())
    }

    /// The changes that cannot be undone, or that no source describes as undoable.
    fn one_way_doors(&self) -> Vec<Door> {
        let mut doors = self.doors_of_removal();
        let at_risk = self.at_risk().difference(self.removed.known());
        doors.extend(at_risk.iter().map(|id| {
            let (name, scope) = (id.name(), Mask::only(id));
            let text = if broad(scope).is_empty() {
                format!(
                    "expect to lose {name}: no source states that it survives a switch of the organisation, or that it can be \
                     added again"
                )
            } else {
                format!(
                    "expect to lose {name}: no source states that a broad scope survives a switch of the organisation, and \
                     once lost, it cannot be added again"
                )
            };
            let why = Claim::rule("R8", text).at_most(Confidence::Inferred);
            Door { scope: name, loses: self.loses(id, self.certain.difference(at_risk)), why }
        }));
        doors
    }

    fn doors_of_removal(&self) -> Vec<Door> {
        let door = |id: ScopeId| {
            Some(Door { scope: id.name(), loses: self.loses(id, self.certain), why: self.no_way_back(id)? })
        };
        self.removed.known().iter().filter_map(door).collect()
    }

    /// The operations that the scope opens, that nothing of `after` opens and that no scope which can still be added would.
    fn loses(&self, id: ScopeId, after: Mask) -> Vec<String> {
        let lost = |entry: &Entry| {
            entry.openers().contains(id) && !entry.openers().intersects(after) && entry.choices().is_empty()
        };
        self.today.operations().filter(lost).map(|entry| entry.operation().key()).collect()
    }

    /// The scopes of older connections that a switch of the organisation may cost: of a custom connection, which reaches one.
    fn at_risk(&self) -> Mask {
        if self.today.app == AppKind::Custom && self.question.details.switch_organisation {
            let from = self.question.from.known();
            usable(broad(from).union(journals(from)), self.today)
        } else {
            Mask::EMPTY
        }
    }

    /// The reason why a removed scope cannot come back although it works today; `None` if it can, or does not work.
    fn no_way_back(&self, id: ScopeId) -> Option<Claim> {
        let works = validity(id, self.today) != Validity::Invalid;
        works.then(|| self.course().no_way_back(id).or_else(|| self.unsure_way_back(id))).flatten()
    }

    /// The reason why it is not certain that a removed scope can be had again; `None` if it is.
    fn unsure_way_back(&self, id: ScopeId) -> Option<Claim> {
        let reason = reasons(id, self.today).find(|reason| reason.validity() == Validity::Uncertain)?;
        let why = reason.to_claim(id, self.today);
        let text = format!(
            "treat {} as gone for good, because it is not certain that it can be had again: {}",
            id.name(),
            why.text
        );
        Some(Claim { text, ..why }.at_most(Confidence::Inferred))
    }

    fn steps(&self) -> Vec<PlanStep> {
        if !self.changes() {
            return Vec::new();
        }
        if self.is_new() {
            return self.course().creation(self);
        }
        let none = ScopeSet::default();
        let broad = self.broad_removed();
        let (replaced, bare): (Vec<ScopeId>, Vec<ScopeId>) =
            broad.iter().partition(|&id| !replacements_among(id, self.result.known()).is_empty());
        let mut steps = Vec::new();
        let mut adds = self.added.clone();
        for id in replaced {
            let replacements = ScopeSet::from(replacements_among(id, self.result.known()));
            let own = ScopeSet::from(replacements.known().intersection(adds.known()));
            adds = adds.difference(&own);
            let (rule, text) = self.course().replace(id.name(), &phrases::and(&owned(&replacements)));
            steps.push(step(StepKind::Replace, &own, &Mask::only(id).into(), Claim::rule(rule, text)));
        }
        if !adds.is_empty() {
            steps.push(step(StepKind::Add, &adds, &none, self.adding(&adds)));
        }
        let others = self.removed.difference(&broad.into());
        if !others.is_empty() {
            let (rule, text) = self.course().remove(&phrases::and(&owned(&others)));
            steps.push(step(StepKind::Remove, &none, &others, Claim::rule(rule, text)));
        }
        for id in bare {
            let (rule, _) = self.course().replace("", "");
            let text = self.course().remove(id.name()).1 + "; none of the scopes that replace it is wanted";
            steps.push(step(StepKind::Remove, &none, &Mask::only(id).into(), Claim::rule(rule, text)));
        }
        if self.recorded_alone().is_some() {
            for step in steps.iter_mut().filter(|step| !step.removes.is_empty()) {
                step.why.text.push_str(recorded::ALONE);
            }
        }
        steps.sort_by_key(|step| step.kind);
        steps.extend(self.course().aftermath(self));
        steps
    }

    fn adding(&self, adds: &ScopeSet) -> Claim {
        let (rule, text) = self.course().add(&phrases::and(&owned(adds)));
        self.as_far_as_known(rule, text, adds)
    }

    /// The sentence, with those of `adds` named that this connection may not get.
    pub(super) fn as_far_as_known(&self, rule: &'static str, mut text: String, adds: &ScopeSet) -> Claim {
        let unsure = adds.known().iter().filter(|id| !is_sure_to_be_granted(*id, self.today));
        let mut unsure: Vec<String> = unsure.map(|id| id.name().to_owned()).collect();
        unsure.extend(adds.unknown().iter().map(|name| phrases::one_line(name)));
        if unsure.is_empty() {
            return Claim::rule(rule, text);
        }
        text.push_str("; whether this ");
        text.push_str(self.today.words().noun);
        text.push_str(" can get ");
        text.push_str(&phrases::or(&unsure));
        text.push_str(" is not certain");
        Claim::rule(rule, text).at_most(Confidence::Inferred)
    }

    /// The name of the user who authorises the connection, for sentences.
    pub(super) fn user(&self) -> String {
        match &self.connection.authorising_user {
            Some(user) => phrases::one_line(user),
            None => "the authorising user".to_owned(),
        }
    }

    fn keeps_working(&self) -> KeepsWorking {
        let before = usable(self.question.from.known(), self.today);
        let after = usable(self.result.known(), self.today);
        // The certainty that a set opens an operation.
        let sure = |entry: Entry, scopes: Mask| match (
            entry.openers().intersects(scopes),
            entry.candidates().intersects(scopes),
        ) {
            (true, _) => 2,
            (false, true) => 1,
            (false, false) => 0,
        };
        let mut kept = 0_usize;
        let (mut gained, mut lost) = (Vec::new(), Vec::new());
        for entry in self.today.operations() {
            // An operation is lost while its only scope might not be granted.
            match (sure(entry, before), sure(entry, after), sure(entry, self.certain)) {
                (2, _, 2) => kept = kept.saturating_add(1),
                (2, ..) | (1, _, 0) => lost.push(entry.operation().key()),
                (_, 2, _) => gained.push(entry.operation().key()),
                _ => {}
            }
        }
        KeepsWorking { meanwhile: self.meanwhile(), kept, gained, lost }
    }

    /// Sentences about the time until the change has been carried out.
    fn meanwhile(&self) -> Vec<Claim> {
        if !self.changes() {
            return vec![self.course().untouched()];
        }
        if self.is_new() { self.course().until_created(self) } else { self.course().meanwhile(self) }
    }

    fn rollback(&self) -> Rollback {
        let removed = self.removed.known();
        let is_back = |id: &ScopeId| why_not_addable(*id, self.today).is_none();
        let gone: Vec<ScopeId> = removed.iter().filter(|id| !is_back(id) || self.no_way_back(*id).is_some()).collect();
        let lost: Mask = gone.iter().copied().collect();
        let at_risk = self.at_risk();
        let scopes = owned(&self.question.from.difference(&lost.union(at_risk).into()));
        // Of several reasons the most certain one: broad scopes do not come back.
        let why = match broad(lost).iter().next().or(gone.first().copied()) {
            _ if !self.changes() => Claim { text: "there is nothing to undo".to_owned(), ..self.course().untouched() },
            None if self.is_new() => {
                let words = self.today.words();
                Claim::rule(words.scopes, format!("there is nothing to go back to: the {} is new", words.noun))
            }
            None if !at_risk.is_empty() => Claim::rule(
                "R8",
                format!(
                    "the organisation can be switched back, which deactivates the connection once more; whether it then \
                     still has {} is not documented",
                    phrases::and(&at_risk.names())
                ),
            )
            .at_most(Confidence::Inferred),
            None => self.course().undo(self),
            Some(first) => {
                let text = self.course().without(&phrases::and(&lost.names()));
                let ground = self.no_way_back(first).or_else(|| why_not_addable(first, self.today));
                ground.map_or_else(|| Claim::rule("R11", text.clone()), |claim| Claim { text: text.clone(), ..claim })
            }
        };
        Rollback { possible: gone.is_empty() && at_risk.is_empty(), scopes, why }
    }

    /// The end of the broad scopes, if the connection has some.
    pub(super) fn deadline(&self) -> Option<Deadline> {
        self.has_broad().then(|| deadline(self.today.words().end, self.today.on)).flatten()
    }

    /// The tasks that have an end date, with the scopes before the change; for a new connection with those it is to have.
    pub(super) fn due(&self) -> Vec<Due> {
        let scopes = if self.is_new() { &self.question.to } else { &self.question.from };
        due(scopes, None, self.connection, self.today.on)
    }
}

/// The granular scopes of `among` that open something which the broad scope opens.
fn replacements_among(broad: ScopeId, among: Mask) -> Mask {
    let needs = Needs::all().iter().filter(|needs| needs.broad.contains(broad));
    needs.fold(Mask::EMPTY, |found, needs| found.union(needs.granular)).intersection(among)
}

pub(super) fn owned(scopes: &ScopeSet) -> Vec<String> {
    scopes.names().map(str::to_owned).collect()
}

/// A wanted scope that this connection cannot get, with what takes its place.
fn cannot_be_added((id, mut why): (ScopeId, Claim)) -> Refusal {
    let instead = replacements(id);
    if !instead.is_empty() {
        why.text = format!("{}; in its place there are {}", why.text, phrases::and(&instead.names()));
    }
    Refusal { scope: id.name().to_owned(), why }
}

/// A wanted name that looks like a misspelt scope.
fn left_out(name: &UnknownScope, today: Today) -> Refusal {
    let mut why = name.to_claim(today.app);
    why.text.push_str("; the plan leaves it out");
    Refusal { scope: name.name.clone(), why }
}

/// Returns true if a scope that is added now is sure to be granted: there is no doubt about it, and it is not the scope for
/// Journals, because no source confirms that an older connection can get that one back.
fn is_sure_to_be_granted(id: ScopeId, today: Today) -> bool {
    validity(id, today) == Validity::Valid && journals(Mask::only(id)).is_empty()
}

/// The scopes of `after` that are sure to work: those that the connection has already, and those that are sure to be granted.
fn certain(before: Mask, after: Mask, today: Today) -> Mask {
    let added = after.difference(before).iter().filter(|&id| is_sure_to_be_granted(id, today));
    usable(after.intersection(before), today).union(added.collect())
}

/// A wanted scope that the connection does not get, or might not get.
struct Absent {
    name: String,
    /// The scope itself, or the one that is probably meant; `None` for a name that may stand for any scope.
    meant: Option<ScopeId>,
    rule: &'static str,
    /// The reason why nothing takes its place, as a clause.
    reason: String,
}

impl Absent {
    fn refused(id: ScopeId, today: Today) -> Self {
        let name = id.name();
        let rule = if today.app == AppKind::Custom { "R12" } else { today.words().scopes };
        Self { name: name.to_owned(), meant: Some(id), rule, reason: format!("{name} cannot be added") }
    }

    fn unknown(name: &UnknownScope, today: Today) -> Self {
        let reason = format!("{} is not in the catalogue", name.name);
        Self { name: name.name.clone(), meant: name.meant(), rule: today.words().scopes, reason }
    }

    fn uncertain(id: ScopeId, today: Today) -> Self {
        let name = id.name();
        let KindWords { noun, scopes, .. } = today.words();
        let reason = format!("it is not certain that this {noun} is granted {name}");
        Self { name: name.to_owned(), meant: Some(id), rule: scopes, reason }
    }

    /// Returns true if it belongs to the sign-in of a user: such a scope opens no operation, so it replaces no other scope.
    fn opens_nothing(&self) -> bool {
        self.meant.and_then(ScopeId::row).is_some_and(|scope| scope.family == Family::User)
    }

    /// Returns true if it was meant to open an operation that the scope opens and that nothing in `certain` opens.
    fn was_to_replace(&self, id: ScopeId, certain: Mask) -> bool {
        missed(id, certain).any(|entry| self.meant.is_none_or(|meant| entry.candidates().contains(meant)))
    }

    fn keeps(&self, id: ScopeId, is_related: bool) -> Stays {
        let (name, Self { name: wanted, rule, reason, .. }) = (id.name(), self);
        let text = if is_related && self.meant.is_some_and(|meant| meant.name() == wanted) {
            format!("{name} stays: {reason}, and {wanted} was to open the same")
        } else {
            format!("{name} stays: {reason}, so it is not certain that anything takes the place of {name}")
        };
        Stays { scope: name.to_owned(), why: Claim::rule(rule, text).at_most(Confidence::Inferred) }
    }
}

/// The scopes of `removed` that stay because a wanted scope is missing or might not be granted: those that it was meant to
/// replace or, if these are not known, all that open an operation which nothing in `certain` opens.
fn kept_for(removed: Mask, certain: Mask, absent: &[Absent], today: Today) -> Vec<Stays> {
    let removed = usable(removed, today);
    let mut kept: Vec<Stays> = Vec::new();
    for wanted in absent.iter().filter(|wanted| !wanted.opens_nothing()) {
        let (related, others): (Vec<ScopeId>, Vec<ScopeId>) =
            removed.iter().partition(|&id| wanted.was_to_replace(id, certain));
        let is_related = !related.is_empty();
        let stay = if is_related { related } else { others.into_iter().filter(|&id| is_missed(id, certain)).collect() };
        for id in stay {
            if !kept.iter().any(|stays| stays.scope == id.name()) {
                kept.push(wanted.keeps(id, is_related));
            }
        }
    }
    kept.sort_by(|one, other| one.scope.cmp(&other.scope));
    kept
}

/// The operations that may be lost with the scope: no scope of `certain` opens them on sources that are as good.
fn missed(id: ScopeId, certain: Mask) -> impl Iterator<Item = Entry> {
    let opens = move |entry: &Entry| if entry.openers().contains(id) { entry.openers() } else { entry.candidates() };
    Entry::all().filter(move |entry| entry.candidates().contains(id) && !opens(entry).intersects(certain))
}

/// Returns true if an operation may be lost with the scope, even one that the catalogue does not have.
fn is_missed(id: ScopeId, certain: Mask) -> bool {
    let opens_some = Entry::all().any(|entry| entry.candidates().contains(id));
    !opens_some || missed(id, certain).next().is_some()
}

/// A configured name that the catalogue does not have: it stays, because the scope behind it works today.
fn unknown_stays(name: &str, today: Today) -> Stays {
    let unknown = UnknownScope::explain(name);
    let own = &unknown.name;
    let warned = unknown.meant().and_then(|meant| {
        let mask = Mask::only(meant);
        let rule = if broad(mask).is_empty() { "R6" } else { "R11" };
        let is_door = today.app == AppKind::Custom && !broad(mask).union(journals(mask)).is_empty();
        let text = format!(
            "{own} stays: the catalogue does not have it; probably {} is meant, and once that is removed, it cannot be added \
             again",
            meant.name()
        );
        is_door.then(|| Claim::rule(rule, text).at_most(Confidence::Inferred))
    });
    let why = warned.unwrap_or_else(|| {
        let mut why = unknown.to_claim(today.app);
        why.text = format!("{own} stays: {}; what is not known is not removed", why.text);
        why
    });
    Stays { scope: name.to_owned(), why }
}

/// The scope that gives a refresh token: it stays, because a service cannot go on without one.
fn refresh_stays(id: ScopeId, today: Today) -> Option<Stays> {
    let name = id.name();
    (today.app.has_user() && name == REFRESH).then(|| {
        let text = format!(
            "{name} stays: without it no refresh token is given, and the user would have to log in again and again"
        );
        Stays { scope: name.to_owned(), why: Claim::rule("R46", text) }
    })
}

/// A scope that stays because the connection would have none.
fn last_stays(id: ScopeId, refused: &[Refusal], today: Today) -> Stays {
    let wanted: Vec<&str> = refused.iter().map(|refusal| refusal.scope.as_str()).collect();
    let text = format!("{} stays: none of the wanted scopes can be added ({})", id.name(), phrases::and(&wanted));
    Stays { scope: id.name().to_owned(), why: Claim::rule(today.words().scopes, text) }
}
