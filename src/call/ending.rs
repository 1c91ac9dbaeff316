//! The way of a call from its answer to its end, or back to its beginning.

use super::action::Action;
use super::caller::{Call, Caller, State};
use super::event::{Answer, Now};
use super::machine::{Machine, Turn};
use super::outcome::{self, Key, Unsettled};
use super::retry::{self, CallKind, Tried};
use crate::error::{Code, Error};
use crate::limits::{self, Reading};
use crate::request::ApiAnswer;
use crate::token::TokenAction;

impl Machine {
    #[inline(never)]
    pub(super) fn answered(&mut self, number: u32, answer: &Answer<'_>, turn: &mut Turn) {
        let now = turn.now;
        let Some(Caller { state: state @ State::InFlight, deadline, call: Some(call), .. }) = self.callers.get(number)
        else {
            return;
        };
        let reading = Reading::new(answer.status, &answer.limits, now.clock);
        if outcome::is_settled(answer.status, call.history.was_unsettled) {
            call.history.unsettled = false;
        }
        call.history.status = answer.status;
        *deadline = call.deadline(*deadline, now);
        if let Some(ticket) = call.ticket
            && let Some(limiter) = &mut self.connection.organisation.limiter
        {
            let actions = limiter.handle(limits::LimitsEvent::Answered { ticket, reading }, now.measured);
            let about = |action: &limits::LimitsAction| match *action {
                limits::LimitsAction::Send { ticket: own } | limits::LimitsAction::Wait { ticket: own, .. } => {
                    own == ticket
                }
                _ => false,
            };
            if actions.iter().any(about) {
                *state = State::Queued { since: None };
                turn.push(Action::Discard { call: number });
                return turn.limits.extend(actions);
            }
            // A call that is not let in again: the answer is its caller's.
            call.ticket = None;
            turn.limits.extend(actions);
        }
        let no_answer = answer.records.and_then(|records| outcome::no_answer(call, answer.status, records));
        if let Some(error) = answer.unusable.clone().or(no_answer) {
            return self.fail(number, error, turn);
        }
        if let Some(key) = call.own_key.as_deref().filter(|_| matches!(answer.status, 200..=299)) {
            self.keys.settled(key);
        }
        if answer.status == 401 && answer.body.is_none() {
            let until = now.measured.plus(self.config.timeout_ms).min(*deadline);
            *state = State::Body { until };
            return turn.push(Action::Read { call: number });
        }
        let body = answer.body.unwrap_or_default();
        // A refusal hides from a caller that reads it itself that an earlier sending was lost.
        let hides = answer.body.is_none() && call.lost_before() && outcome::hides(answer.status);
        let error = answer.body.or(hides.then_some("")).and_then(|_| {
            let answer = ApiAnswer {
                status: answer.status,
                www_authenticate: answer.www_authenticate,
                retry_after: answer.limits.retry_after,
                limit: None,
                body,
                complaints: answer.complaints,
            };
            self.connection.api_error(&call.method, &call.target, &answer, &reading, now.clock)
        });
        // It does not say if Xero had this sending, unless it is of one that asks for a login before it passes anything on.
        if error.as_ref().is_some_and(|error| error.code() == Code::Intercepted) {
            call.history.unsettled = call.history.was_unsettled || !matches!(answer.status, 407 | 511);
        }
        match answer.status {
            401 => self.unauthorised(number, body, error, turn),
            status => {
                if !self.retries(number, Some(status), reading.retry_after_ms, true, turn) {
                    match error {
                        Some(error) if hides => self.fail(number, error, turn),
                        error => self.give(number, error, turn),
                    }
                }
            }
        }
    }

    /// Decides about an answer with status 401, whose body begins with `text`.
    pub(super) fn unauthorised(&mut self, number: u32, text: &str, error: Option<Error>, turn: &mut Turn) {
        if says_expired(text) {
            let Some(call) = self.callers.get(number).and_then(|caller| caller.call.as_mut()) else { return };
            // Other calls are not to use this token, whether or not this one can be sent again.
            let actions = self.connection.session.rejected(call.history.generation, turn.now.clock);
            let is_hopeless = actions.iter().any(|action| matches!(action, TokenAction::Fail { .. }));
            let renews = !is_hopeless && !call.history.renewed && call.resendable;
            call.history.renewed |= renews;
            self.tokens(actions, None, turn);
            if renews {
                turn.push(Action::Discard { call: number });
                return self.seek(number, turn);
            }
        }
        let call = self.callers.get(number).and_then(|caller| caller.call.as_ref());
        if error.is_none() && call.is_some_and(Call::lost_before) {
            let message = "Xero does not accept the access token for this call (status 401)";
            return self.fail(number, Error::new(Code::NotAuthorised, message), turn);
        }
        self.give(number, error, turn);
    }

    #[inline(never)]
    pub(super) fn lost(&mut self, number: u32, error: Error, sent: bool, turn: &mut Turn) {
        let Some(Caller { state: State::InFlight, deadline, call: Some(call), .. }) = self.callers.get(number) else {
            return;
        };
        if !sent {
            call.history.unsettled = call.history.was_unsettled;
        }
        *deadline = call.deadline(*deadline, turn.now);
        let ticket = call.ticket.take();
        self.free(ticket, turn);
        if !error.retryable() || !self.retries(number, None, None, false, turn) {
            self.fail(number, error, turn);
        }
    }

    /// Sends a call again after a pause, if it may be. Returns `false` if the result is its caller's.
    fn retries(
        &mut self,
        number: u32,
        status: Option<u16>,
        retry_after_ms: Option<u64>,
        is_answer: bool,
        turn: &mut Turn,
    ) -> bool {
        let Some(caller) = self.callers.get(number) else { return false };
        let Some(call) = &mut caller.call else { return false };
        let left_ms = caller.deadline.since(turn.now.measured);
        let tried = Tried { kind: call.kind, again: call.history.again, left_ms, status, retry_after_ms };
        let pause_ms = if call.resendable { retry::pause(&self.config.retry, &tried, &mut self.random) } else { None };
        let Some(pause_ms) = pause_ms else { return false };
        call.history.again = call.history.again.saturating_add(1);
        let until = turn.now.measured.plus(pause_ms);
        caller.state = State::Pause { until };
        if self.config.inform {
            turn.push(Action::Retry { call: number, until: turn.now.to_clock(until) });
        }
        if is_answer {
            turn.push(Action::Discard { call: number });
        }
        true
    }

    fn give(&mut self, number: u32, error: Option<Error>, turn: &mut Turn) {
        if let Some(Caller { call: Some(call), .. }) = self.callers.remove(number) {
            self.forget(&call);
            let error = error.map(|error| self.with_outcome(&call, error, turn.now));
            turn.push(Action::Give { call: number, error });
        }
    }

    pub(super) fn fail(&mut self, number: u32, error: Error, turn: &mut Turn) {
        let Some(caller) = self.callers.remove(number) else { return };
        let error = match &caller.call {
            Some(call) => {
                self.forget(call);
                self.with_outcome(call, error, turn.now)
            }
            None => error,
        };
        turn.push(Action::Fail { call: number, error });
        self.free(caller.call.and_then(|call| call.ticket), turn);
    }

    /// Forgets the key of a call that surely was not carried out.
    fn forget(&mut self, call: &Call) {
        if let Some(key) = call.own_key.as_deref().filter(|_| !call.history.unsettled) {
            self.keys.settled(key);
        }
    }

    pub(super) fn key_ended(&mut self, number: u32, turn: &mut Turn) {
        let message = "the call was not sent again: by now Xero may have forgotten its Idempotency-Key";
        self.fail(number, Error::new(Code::Timeout, message), turn);
    }

    /// Gives a place in the queue or in flight back.
    pub(super) fn free(&mut self, ticket: Option<u32>, turn: &mut Turn) {
        if let (Some(ticket), Some(limiter)) = (ticket, &mut self.connection.organisation.limiter) {
            turn.limits.extend(limiter.handle(limits::LimitsEvent::Lost { ticket }, turn.now.measured));
        }
    }

    /// The error of a call. For a write that may have been carried out, its outcome is unknown.
    fn with_outcome(&self, call: &Call, error: Error, now: Now) -> Error {
        let Some(first_sent) =
            call.history.first_sent.filter(|_| call.history.unsettled && call.kind != CallKind::Read)
        else {
            return error;
        };
        let unsettled = Unsettled {
            api: &self.connection.organisation.api_url,
            method: &call.method,
            input: &call.target,
            first_sent: first_sent.clock,
            key: match call.key_ends(now) {
                None => Key::None,
                Some(_) if call.makes_key => Key::Made,
                Some(_) if call.history.status == 500 => Key::Repeated,
                Some(ends) => Key::Callers { ends: now.to_clock(ends) },
            },
        };
        unsettled.error(&error, now.clock)
    }
}

/// Checks that Xero refused a token as expired, by the body of an answer with status 401.
fn says_expired(body: &str) -> bool {
    ApiAnswer { status: 401, www_authenticate: "", retry_after: "", limit: None, body, complaints: None }.says_expired()
}
