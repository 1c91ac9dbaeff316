//! The way of a call from its beginning until it is sent: it takes a token, then a place, then looks at its token again.

use super::action::Action;
use super::caller::{Call, Caller, History, Plan, State};
use super::event::{Begin, KeyGiven, Now};
use super::machine::{Machine, Turn};
use super::outcome;
use super::retry::CallKind;
use crate::error::{Code, Error};
use crate::limits::{self, Priority};
use crate::request::{ACCOUNTING, check_body};
use crate::token::TokenAction;

/// The time that a driver has at least to go on with its call, in milliseconds.
const DRIVER_MS: u64 = 1_000;

impl Machine {
    #[inline(never)]
    pub(super) fn begin(&mut self, begin: Begin, turn: &mut Turn) {
        let number = begin.call;
        if self.callers.has(number) {
            return;
        }
        self.forget_gone(turn);
        match self.caller(begin, turn.now) {
            Ok(caller) => {
                let is_in_flight = caller.state == State::InFlight;
                self.callers.put(caller);
                if !is_in_flight {
                    self.seek(number, turn);
                }
            }
            Err(error) => turn.push(Action::Fail { call: number, error }),
        }
    }

    fn caller(&mut self, begin: Begin, now: Now) -> Result<Caller, Error> {
        let Begin { call: number, method, target, has_body, resendable, key, own_key, high_priority, deadline, before } =
            begin;
        check_body(&method, has_body)?;
        let call = self.connection.read(&method, &target)?;
        let path = call.url.strip_prefix(self.connection.organisation.api_url.as_str());
        let is_accounting = path.is_some_and(|path| path.starts_with(ACCOUNTING));
        let makes_key = match key {
            KeyGiven::None | KeyGiven::Own => false,
            KeyGiven::IfTaken | KeyGiven::Required => outcome::makes_key(&call, key == KeyGiven::Required)?,
        };
        let used_before = own_key.as_deref().and_then(|key| self.keys.first_use(key, now));
        let first_sent = before.map(|before| before.first_sent).or(used_before);
        let is_sent = first_sent.is_some();
        let is_in_flight = before.is_some_and(|before| before.in_flight);
        let plan = if is_in_flight { None } else { Some(Plan::new(&self.connection, call)?) };
        let call = Call {
            kind: CallKind::of(&method, makes_key || key == KeyGiven::Own),
            method,
            target,
            resendable,
            priority: if high_priority { Priority::High } else { Priority::Normal },
            makes_key,
            own_key,
            is_accounting,
            plan,
            ticket: None,
            history: History { first_sent, unsettled: is_sent, was_unsettled: is_sent, ..History::default() },
        };
        let state = if is_in_flight { State::InFlight } else { State::Pause { until: now.measured } };
        Ok(Caller { number, deadline, state, call: Some(call) })
    }

    /// Plans a call anew if its plan was used, or made when the session had other scopes.
    fn plan(&mut self, number: u32) -> Result<(), Error> {
        let Self { connection, callers, .. } = self;
        let Some(Caller { call: Some(call), .. }) = callers.get(number) else { return Ok(()) };
        if call.plan.as_ref().is_none_or(|plan| plan.revision != connection.session.revision()) {
            call.plan = Some(Plan::new(connection, connection.read(&call.method, &call.target)?)?);
        }
        Ok(())
    }

    /// Goes on with a call that has neither. It is planned first: a call that cannot be sent needs no token. And a token comes
    /// before a place, which is of no use without.
    pub(super) fn seek(&mut self, number: u32, turn: &mut Turn) {
        match self.plan(number) {
            Ok(()) => self.take_token(number, turn),
            Err(error) => self.fail(number, error, turn),
        }
    }

    /// Has a caller wait for a token, at most until its deadline.
    fn take_token(&mut self, number: u32, turn: &mut Turn) {
        if let Some(caller) = self.callers.get(number) {
            caller.state = State::Token { look: caller.deadline };
            self.go_on(number, turn);
        }
    }

    /// Has a caller that waits for a token ask for it: at once, or by its own driver.
    pub(super) fn go_on(&mut self, number: u32, turn: &mut Turn) {
        if !self.config.isolated || turn.subject == Some(number) {
            return self.want(number, turn);
        }
        let (now, timeout_ms) = (turn.now.measured, self.config.timeout_ms);
        if let Some(caller @ Caller { state: State::Token { .. }, .. }) = self.callers.get(number) {
            let until = now.plus(timeout_ms).min(caller.deadline).max(now.plus(DRIVER_MS));
            caller.state = State::Driver { until };
            turn.push(Action::Resume { call: number });
        }
    }

    pub(super) fn resume(&mut self, number: u32, turn: &mut Turn) {
        if let Some(caller @ Caller { state: State::Driver { .. }, .. }) = self.callers.get(number) {
            caller.state = State::Token { look: caller.deadline };
            self.want(number, turn);
        }
    }

    pub(super) fn want(&mut self, number: u32, turn: &mut Turn) {
        let Some(Caller { state: State::Token { look }, deadline, .. }) = self.callers.get(number) else { return };
        let session = &mut self.connection.session;
        let Now { clock, .. } = turn.now;
        if let Some(generation) = session.ready(clock) {
            return self.has_token(number, generation, turn);
        }
        let mut found = None;
        *look = *deadline;
        for action in session.want(turn.now.to_clock(*deadline), clock) {
            match action {
                TokenAction::Use { generation } => found = Some(generation),
                TokenAction::Send { attempt, .. } => turn.push(Action::Ask { attempt, urgent: found.is_none() }),
                TokenAction::Load => turn.push(Action::Load),
                TokenAction::Wait { until, .. } => *look = turn.now.to_measured(until).min(*deadline),
                TokenAction::Fail { error } => return self.fail(number, error, turn),
                // Of answers.
                TokenAction::Keep { .. } | TokenAction::Save { .. } | TokenAction::Erase => {}
            }
        }
        if let Some(generation) = found {
            self.has_token(number, generation, turn);
        }
    }

    fn has_token(&mut self, number: u32, generation: u32, turn: &mut Turn) {
        match self.callers.get(number).map(|caller| caller.call.as_ref().map(|call| call.ticket.is_some())) {
            Some(Some(true)) => self.send(number, generation, turn),
            Some(Some(false)) => self.enter(number, generation, turn),
            Some(None) => {
                self.callers.remove(number);
                turn.push(Action::Use { call: number, generation });
            }
            None => {}
        }
    }

    fn enter(&mut self, number: u32, generation: u32, turn: &mut Turn) {
        let now = turn.now.measured;
        let Some(caller) = self.callers.get(number) else { return };
        let Some(call) = &mut caller.call else { return };
        let Some(limiter) = &mut self.connection.organisation.limiter else {
            self.admitted(number, 0, turn);
            return self.send(number, generation, turn);
        };
        let (priority, repeatable) = (call.priority, call.is_repeatable());
        let (ticket, actions) =
            limiter.enter(limits::QueuedCall { priority, deadline: caller.deadline, repeatable }, now);
        call.ticket = Some(ticket);
        caller.state = State::Queued { since: Some(now) };
        turn.limits.extend(actions);
    }

    fn admitted(&self, call: u32, waited_ms: u64, turn: &mut Turn) {
        if self.config.inform {
            turn.push(Action::Admitted { call, waited_ms });
        }
    }

    /// Performs an action of the limiter.
    pub(super) fn limit(&mut self, action: limits::LimitsAction, turn: &mut Turn) {
        let now = turn.now;
        match action {
            limits::LimitsAction::Send { ticket } => {
                let Some(number) = self.callers.with_ticket(ticket) else { return };
                if let Some(Caller { state: State::Queued { since: Some(since) }, .. }) = self.callers.get(number) {
                    let waited_ms = now.measured.since(*since);
                    self.admitted(number, waited_ms, turn);
                }
                self.take_token(number, turn);
            }
            limits::LimitsAction::Fail { ticket, error } => {
                let Some(number) = self.callers.with_ticket(ticket) else { return };
                if let Some(call) = self.callers.get(number).and_then(|caller| caller.call.as_mut()) {
                    call.ticket = None;
                }
                let error = match error.earliest_retry() {
                    Some(at) => error.retry_at(now.to_clock(at)),
                    None => error,
                };
                self.fail(number, error, turn);
            }
            limits::LimitsAction::Wait { ticket, wait } if self.config.inform => {
                if let Some(call) = self.callers.with_ticket(ticket) {
                    turn.push(Action::Queued { call, why: wait.why, until: now.to_clock(wait.until) });
                }
            }
            limits::LimitsAction::Pause { problem, until } if self.config.inform => {
                turn.push(Action::Paused { problem, until: now.to_clock(until) });
            }
            limits::LimitsAction::Wait { .. } | limits::LimitsAction::Pause { .. } => {}
        }
    }

    fn send(&mut self, number: u32, generation: u32, turn: &mut Turn) {
        let now = turn.now;
        if let Err(error) = self.plan(number) {
            return self.fail(number, error, turn);
        }
        let Some(caller) = self.callers.get(number) else { return };
        let Some(call) = &mut caller.call else { return };
        if call.key_ends(now).is_some_and(|ends| ends <= now.measured) {
            return self.key_ended(number, turn);
        }
        // It waited for its token for too long.
        if let Some(limiter) = &self.connection.organisation.limiter
            && limiter.is_late(now.measured)
        {
            let ticket = call.ticket.take();
            self.free(ticket, turn);
            return self.enter(number, generation, turn);
        }
        let until = now.measured.plus(self.config.timeout_ms).min(caller.deadline);
        if until <= now.measured {
            let error = Error::new(Code::Timeout, "the call was not sent: no time was left for it");
            return self.fail(number, error, turn);
        }
        let Some(Plan { url, operation, .. }) = call.plan.take() else { return };
        let operation = operation.filter(|_| self.config.inform);
        call.history.generation = generation;
        call.history.first_sent.get_or_insert(now);
        call.history.status = 0;
        if let Some(key) = &call.own_key {
            self.keys.used(key, now);
        }
        call.history.was_unsettled = call.history.unsettled;
        call.history.unsettled = true;
        let (deadline, make_key) = (caller.deadline, call.makes_key);
        caller.state = State::InFlight;
        turn.push(Action::Send { call: number, url, operation, generation, until, deadline, make_key });
    }
}
