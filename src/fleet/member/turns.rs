//! The turns of one process at the board: when one is due, its contents, and its effects.

use super::super::board::{Board, BoardMember, BoardTurn, BoardVerdict};
use super::super::board_codec::{read, write};
use super::super::event::{DocumentFound, DocumentSwap, FleetNotice};
use super::super::link::SwapResult;
use super::super::own::EndedCall;
use super::super::share::MemberAction;
use super::{FleetMember, HeldLease, KnownBoard, PendingSwap, TriedTurn};
use crate::time::{Now, Timestamp};

/// The time after its deadline in which the driver of a swap may still report, in milliseconds.
const SPARE_MS: u64 = 1_000;

/// The time that a lease lasts longer than a call may take: calls begin within it.
const BEGIN_MS: u64 = 5_000;

/// The part of it that is left for the error of the clock and for a slow driver.
const MARGIN_MS: u64 = 1_000;

/// The number of calls that a process alone takes more than it wants.
const SPARE_CALLS: u32 = 5;

/// The time for which the store keeps a board.
const KEPT_MS: u64 = 25 * 3_600_000;

/// The time in which an entry on the board that is still true is not written again.
const STANDS_MS: u64 = 5_000;

/// The most that a process waits beside the time that the board gives, so that not all come at once.
const JITTER_MS: u64 = 25;

impl FleetMember {
    /// The instant at which a turn at the board is due, if nothing happens before.
    pub(super) fn due(&self) -> Option<Timestamp> {
        let at_once = Timestamp::default();
        let next = self.next.unwrap_or(at_once);
        let waiting = self.own.waiting();
        let in_flight = self.own.in_flight();
        // Before the first call has its token, so that no caller waits for the store twice.
        if !self.has_looked {
            return Some(at_once);
        }
        // A refusal is news for all.
        let is_refused = |ended: &EndedCall| ended.reading.is_some_and(|reading| reading.problem.is_some());
        // An answer that all calls wait for is reported at once too.
        let is_awaited = |board: &Board| in_flight == 0 && board.admission.awaits_answers();
        let is_news = self.own.ended.iter().any(is_refused)
            || (!self.own.ended.is_empty() && self.newest.as_ref().is_some_and(is_awaited));
        if self.restores || (self.is_closing && self.has_to_settle()) || is_news {
            return Some(at_once);
        }
        if waiting > 0 {
            let lease = self.lease.filter(|_| self.unused() > 0 && waiting <= self.asked);
            let has_news = !self.own.ended.is_empty();
            return Some(match lease {
                Some(lease) => lease.until,
                None if has_news => at_once,
                None => next,
            });
        }
        // Calls in flight are reported when they are over.
        let is_open = (self.lease.is_some() || self.holds) && in_flight == 0;
        if self.own.ended.is_empty() && self.unused() == 0 && !is_open && !self.owes {
            return None;
        }
        let rivals = self.has_rivals(self.newest.as_ref());
        let is_low = self.unused() <= 2 && self.tops_up;
        Some(if rivals || is_low { next } else { self.idle() })
    }

    pub(super) fn proceed(&mut self, now: Now, actions: &mut Vec<MemberAction>) {
        let is_due = self.due().is_some_and(|at| at <= now.measured);
        if self.pending.is_some() || self.link.away_until(now).is_some() || !is_due {
            return;
        }
        if self.next.take().is_some() {
            self.is_fresh = false;
        }
        if self.known.is_none() {
            return self.swap(None, now, actions);
        }
        let Some(tried) = self.tried(now) else { return };
        if !self.says_anything(&tried, now) {
            self.verdict = tried.verdict;
            self.tops_up = false;
            if self.is_fresh || self.own.waiting() == 0 {
                return self.wait(now);
            }
            return self.swap(None, now, actions);
        }
        self.swap(Some(tried), now, actions);
    }

    /// The board after a turn of this process.
    fn tried(&mut self, now: Now) -> Option<TriedTurn> {
        let at = self.link.store_now(now);
        let known = self.known.as_ref()?;
        let birth = self.random.draw();
        let mut board = known.board.clone().unwrap_or_else(|| Board::new(self.config.limits, birth, at));
        board.advance(at);
        let waiting = self.own.waiting();
        let is_idle = now.measured >= self.idle();
        let rivals = self.has_rivals(Some(&board));
        let gives_back = waiting == 0 && (is_idle || rivals || self.is_closing);
        if gives_back {
            // Before the store knows: what it frees is not used any more.
            self.lease = None;
            self.owes = true;
        }
        let unused = self.unused();
        self.serial = self.serial.saturating_add(1);
        let answers: Vec<_> = self.own.ended.iter().map(|ended| self.answer(ended, now)).collect();
        let turn = BoardTurn {
            owner: self.owner,
            serial: self.serial,
            answers: &answers,
            in_flight: self.own.in_flight(),
            unused,
            normal: self.own.load.normal,
            high: self.own.load.high,
            repeatable: self.own.load.repeatable || waiting == 0,
            spare: if gives_back { 0 } else { SPARE_CALLS },
            lease_ms: self.lease_ms(),
        };
        let verdict = board.turn(&turn);
        let (calls, careful) = match verdict {
            BoardVerdict::Granted { calls, careful } => (calls, careful),
            _ => (0, false),
        };
        let lease = board.lease(self.owner).filter(|_| !gives_back).map(|lease| {
            let ends = self.link.to_measured(lease.ends, now).minus(self.link.error_ms());
            HeldLease {
                up_to: self.own.load.sends.saturating_add(unused.into()).saturating_add(calls.into()),
                places: lease.places,
                until: ends.minus(self.config.timeout_ms).minus(MARGIN_MS),
                ends,
                careful,
            }
        });
        Some(TriedTurn { serial: self.serial, board, lease, ended: answers.len(), verdict, gives_back })
    }

    const fn lease_ms(&self) -> u64 {
        self.config.timeout_ms.saturating_add(BEGIN_MS)
    }

    /// Checks that a turn changes the board more than by the time: if it does not, it is enough to look.
    fn says_anything(&self, tried: &TriedTurn, now: Now) -> bool {
        let before = self.known.as_ref().and_then(|known| known.board.as_ref());
        let entry = before.and_then(|board| board.member(self.owner));
        let Some(after) = tried.board.member(self.owner) else { return true };
        let stands = |before: &BoardMember| {
            let at = tried.board.admission.instant();
            (before.wants > 0) == (after.wants > 0) && before.urgent == after.urgent && at < before.back.plus(STANDS_MS)
        };
        let places = |board: &Board| board.lease(self.owner).map(|lease| (lease.places, lease.calls));
        let is_granted = matches!(tried.verdict, BoardVerdict::Granted { .. });
        let is_same = before.is_some_and(|before| places(before) == places(&tried.board));
        let is_over = self.lease.is_some_and(|lease| lease.until <= now.measured) && self.unused() > 0;
        self.restores || is_over || tried.ended > 0 || is_granted || !is_same || !entry.is_some_and(stands)
    }

    fn swap(&mut self, tried: Option<TriedTurn>, now: Now, actions: &mut Vec<MemberAction>) {
        let put = tried.as_ref().and_then(|tried| write(&tried.board));
        if tried.is_some() && put.is_none() {
            // It is too long: it gets shorter when leases end.
            self.restores = false;
            self.next = Some(now.measured.plus(self.config.poll_ms.1));
            return;
        }
        self.has_looked = true;
        let swap_ms = self.link.swap_ms(&self.config.fleet);
        // What the store accepts has come before the deadline, wherever within its error the clock is.
        let slack_ms = swap_ms.saturating_sub(self.link.error_ms());
        let version = put.as_ref().and(self.known.as_ref()).map(|known| known.version);
        let ticket = self.link.next_ticket();
        let deadline = now.measured.plus(swap_ms);
        self.asked = if tried.is_some() { self.own.waiting() } else { self.asked };
        self.tops_up &= tried.is_none();
        let ends = deadline.plus(SPARE_MS);
        let patient = self.link.patience_ms(&self.config.fleet).map_or(ends, |ms| ends.min(now.measured.plus(ms)));
        self.pending = Some(PendingSwap { ticket, sent: now, patient, ends, tried });
        let at = self.link.store_now(now);
        actions.push(MemberAction::Swap(DocumentSwap {
            ticket,
            version,
            at,
            slack_ms,
            put,
            ttl_ms: KEPT_MS,
            deadline,
        }));
    }

    pub(super) fn found(
        &mut self,
        pending: PendingSwap,
        found: DocumentFound<'_>,
        now: Now,
        actions: &mut Vec<MemberAction>,
    ) {
        let DocumentFound { swapped, version, document, at } = found;
        let named = pending.tried.as_ref().and(self.known.as_ref()).map(|known| known.version);
        let result = SwapResult::of(named, &found);
        let news = self.link.answered(pending.sent, at, result, &self.config.fleet, now);
        self.is_fresh = true;
        if let (Some(tried), true) = (&pending.tried, swapped) {
            self.known = Some(KnownBoard { version, board: Some(tried.board.clone()) });
        } else {
            let board = document.and_then(|text| read(text, self.config.limits));
            let board = self.unless_lost(board, now);
            self.known = Some(KnownBoard { version, board });
        }
        // A change whose answer was lost, or that a client library sent twice, is recognised by its number.
        let was_put = pending.tried.is_some();
        let serial = self.entry().map(|entry| entry.serial);
        let taken = pending.tried.into_iter().chain(self.unsure.take()).find(|tried| Some(tried.serial) == serial);
        if let Some(tried) = taken {
            self.take(&tried, now, actions);
        } else if was_put {
            self.next = self.link.crowded_until(now).or(self.next);
        }
        self.newest = self.known.as_ref().and_then(|known| known.board.clone()).or(self.newest.take());
        self.look_through(now);
        for notice in news {
            let members = self.newest.as_ref().map_or(1, |_| self.members());
            actions.push(MemberAction::Tell(match notice {
                FleetNotice::Joined { .. } => FleetNotice::Joined { members: Some(members) },
                notice => notice,
            }));
        }
    }

    /// The board that was found, unless the store has lost something that this process knows.
    fn unless_lost(&mut self, found: Option<Board>, now: Now) -> Option<Board> {
        let at = self.link.store_now(now);
        let Some(known) = &self.newest else { return found };
        let own = found.as_ref().and_then(|board| board.member(self.owner)).map_or(0, |member| member.serial);
        let is_of_others = found.as_ref().is_some_and(|found| found.birth != known.birth);
        if found.is_some() && own >= self.acknowledged && !is_of_others {
            return found;
        }
        let mut known = known.clone();
        known.advance(at);
        let was_forgotten = found.is_some() && !is_of_others && known.member(self.owner).is_none();
        if was_forgotten {
            return found;
        }
        if is_of_others {
            self.own.renumber();
        }
        self.restores = true;
        Some(Board::recovered(found, &known))
    }

    /// Takes note that a change of this process is in the store.
    fn take(&mut self, tried: &TriedTurn, now: Now, actions: &mut Vec<MemberAction>) {
        self.acknowledged = tried.serial;
        self.own.ended.drain(..tried.ended.min(self.own.ended.len()));
        self.lease = tried.lease;
        self.owes &= !tried.gives_back;
        self.holds = tried.lease.is_none() && tried.board.lease(self.owner).is_some();
        self.restores = false;
        self.verdict = tried.verdict;
        self.is_fresh = true;
        if let (BoardVerdict::Granted { calls, .. }, Some(lease)) = (tried.verdict, tried.lease) {
            self.looks = 0;
            self.next = None;
            if calls > 0 {
                actions.push(MemberAction::Leased { calls, until: now.to_clock(lease.until) });
            }
        } else if self.own.waiting() > 0 {
            self.wait(now);
        }
    }

    /// Sets the instant of the next turn by the verdict.
    fn wait(&mut self, now: Now) {
        let (shortest, longest) = self.config.poll_ms;
        self.looks = self.looks.saturating_add(1);
        let next = match self.verdict {
            // Nothing was asked for, and now a call waits.
            BoardVerdict::Nothing if self.own.waiting() > 0 => return,
            BoardVerdict::Until { until, .. } => {
                self.looks = 0;
                self.link.to_measured(until, now).max(now.measured).plus(1).plus(self.draw(JITTER_MS))
            }
            BoardVerdict::InLine { line, .. } => {
                let more = shortest.saturating_mul(1 << self.looks.min(4)) / 2;
                let ms = more.saturating_add(u64::from(line).saturating_mul(shortest)).min(longest);
                now.measured.plus(ms.saturating_mul(3) / 4).plus(self.draw(ms / 2))
            }
            _ => now.measured.plus(longest),
        };
        self.next = Some(next);
    }

    fn draw(&mut self, most: u64) -> u64 {
        self.random.draw().checked_rem(most.saturating_add(1)).unwrap_or(0)
    }

    /// Sees the windows as the board has them, and with what the calls of this process have brought since.
    fn look_through(&mut self, now: Now) {
        self.view = self.known.as_ref().and_then(|known| known.board.as_ref()).map(|board| board.admission.clone());
        for ended in self.own.ended.clone() {
            self.learn(&ended, now);
        }
    }

    pub(super) fn not_reached(
        &mut self,
        pending: PendingSwap,
        why: Option<&str>,
        now: Now,
        actions: &mut Vec<MemberAction>,
    ) {
        actions.extend(self.link.failed(why, &self.config.fleet, now).map(MemberAction::Tell));
        // The next look shows the document.
        self.known = None;
        self.unsure = pending.tried.or(self.unsure.take());
        self.is_fresh = false;
        self.next = None;
    }
}
