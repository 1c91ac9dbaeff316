//! The driver of the machine of calls: reports events, performs actions, sets the timer. What to do is the machine's decision.

use core::cell::{Cell, RefCell};
use core::future::poll_fn;
use core::task::{Poll, Waker};
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use wasm_bindgen_futures::spawn_local;

use super::fetch::{Outgoing, exchange};
use super::timer::{Alarm, now};
use crate::call::{Action, Event, Machine, Token};
use crate::error::Error;
use crate::request::{TOKEN_ACCEPT, TOKEN_CONTENT_TYPE};
use crate::scope::ScopeSet;
use crate::secret::Secret;
use crate::time::Timestamp;
use crate::token::answer::{MAX_BODY_BYTES, TokenAnswer};

pub(super) struct Driver {
    secret: Secret<String>,
    // Never borrowed across an await.
    machine: RefCell<Machine>,
    held: RefCell<Option<Rc<HeldToken>>>,
    callers: RefCell<BTreeMap<u32, Mailbox>>,
    last: Cell<u32>,
    alarm: RefCell<Option<(Timestamp, Alarm)>>,
}

/// The token in use.
pub(super) struct HeldToken {
    pub(super) access_token: Secret<String>,
    pub(super) expires_at: Timestamp,
    pub(super) scopes: Option<ScopeSet>,
}

/// Actions for a caller that it has not performed yet.
#[derive(Default)]
struct Mailbox {
    actions: VecDeque<Action>,
    waker: Option<Waker>,
}

/// A caller. Dropped, it is gone.
pub(super) struct CallHandle {
    driver: Rc<Driver>,
    pub(super) number: u32,
}

impl Driver {
    pub(super) fn new(machine: Machine, secret: Secret<String>) -> Self {
        Self {
            secret,
            machine: machine.into(),
            held: RefCell::default(),
            callers: RefCell::default(),
            last: Cell::default(),
            alarm: RefCell::default(),
        }
    }

    /// A new caller.
    pub(super) fn caller(self: &Rc<Self>) -> CallHandle {
        let number = self.last.get().saturating_add(1);
        self.last.set(number);
        self.callers.borrow_mut().insert(number, Mailbox::default());
        CallHandle { driver: Rc::clone(self), number }
    }

    pub(super) fn held(&self) -> Option<Rc<HeldToken>> {
        self.held.borrow().clone()
    }

    /// Reports an event and performs every action, those of callers by handing them over.
    ///
    /// # Errors
    /// `invalid_option` if the host has no clock that makes sense. Then nothing is reported.
    pub(super) fn report(self: &Rc<Self>, event: Event<'_>) -> Result<(), Error> {
        let now = now()?;
        let actions = self.machine.borrow_mut().handle(event, now);
        for action in actions {
            match action.call() {
                Some(call) => self.hand_over(call, action),
                None => self.perform(action),
            }
        }
        let wake = self.machine.borrow().wake();
        let mut alarm = self.alarm.borrow_mut();
        if wake != alarm.as_ref().map(|&(at, _)| at) {
            *alarm = wake.map(|at| (at, self.alarm_in(at.since(now.measured))));
        }
        Ok(())
    }

    fn alarm_in(self: &Rc<Self>, ms: u64) -> Alarm {
        let driver = Rc::downgrade(self);
        Alarm::new(ms, move || {
            if let Some(driver) = driver.upgrade() {
                // It has gone off: the next one is set in any case.
                driver.alarm.take();
                // Without a clock there is nothing to report.
                let _ = driver.report(Event::Tick);
            }
        })
    }

    fn hand_over(&self, call: u32, action: Action) {
        if let Some(mailbox) = self.callers.borrow_mut().get_mut(&call) {
            mailbox.actions.push_back(action);
            if let Some(waker) = mailbox.waker.take() {
                waker.wake();
            }
        }
    }

    fn perform(self: &Rc<Self>, action: Action) {
        match action {
            Action::Ask { attempt, .. } | Action::AskAgain { attempt, .. } => {
                let driver = Rc::clone(self);
                spawn_local(async move { driver.ask(attempt).await });
            }
            Action::Keep(Token { access_token, expires_at, scopes, .. }) => {
                let scopes = scopes.as_deref().map(ScopeSet::from_scope_param);
                self.held.replace(Some(Rc::new(HeldToken { access_token, expires_at, scopes })));
            }
            // There is neither a store nor a listener.
            _ => {}
        }
    }

    /// Sends a token request and reports its answer. Without a clock nothing is reported: the lease of the attempt ends.
    async fn ask(self: &Rc<Self>, attempt: u32) {
        let Ok(now) = now() else { return };
        let request = self.machine.borrow_mut().token_request(attempt, &self.secret, now.clock);
        let answer = match request {
            Ok((request, deadline)) => {
                let outgoing = Outgoing {
                    method: "POST",
                    url: &request.url,
                    headers: &[
                        ("accept", TOKEN_ACCEPT),
                        ("authorization", request.authorization.reveal()),
                        ("content-type", TOKEN_CONTENT_TYPE),
                    ],
                    body: Some(request.body.as_bytes()),
                };
                exchange(&outgoing, MAX_BODY_BYTES, deadline.since(now.clock)).await
            }
            Err(error) => Err(error),
        };
        let _ = match answer {
            Ok(incoming) => {
                // Borrowed: valid UTF-8 is not copied.
                let body = String::from_utf8_lossy(incoming.body.reveal());
                let answer = TokenAnswer {
                    status: incoming.status,
                    content_type: incoming.header("content-type"),
                    retry_after: incoming.header("retry-after"),
                    body: &body,
                    cut: incoming.cut,
                };
                self.report(Event::TokenAnswered { attempt, answer, more_secrets: false })
            }
            Err(error) => self.report(Event::TokenLost { attempt, error, lasting: false }),
        };
    }
}

impl CallHandle {
    /// Reports an event about this caller.
    ///
    /// # Errors
    /// As [`Driver::report`].
    pub(super) fn report(&self, event: Event<'_>) -> Result<(), Error> {
        self.driver.report(event)
    }

    /// The next action for this caller.
    pub(super) async fn action(&self) -> Action {
        poll_fn(|context| {
            let mut callers = self.driver.callers.borrow_mut();
            let mailbox = callers.entry(self.number).or_default();
            if let Some(action) = mailbox.actions.pop_front() {
                return Poll::Ready(action);
            }
            mailbox.waker = Some(context.waker().clone());
            Poll::Pending
        })
        .await
    }
}

impl Drop for CallHandle {
    fn drop(&mut self) {
        self.driver.callers.borrow_mut().remove(&self.number);
        // Ignored, if its call is over.
        let _ = self.driver.report(Event::Aborted { call: self.number });
    }
}
