//! The answers to callers.

use super::document::{LostWhy, VaultDocument};
use super::event::{HeldDocument, Opened, VaultAction, Want};
use super::vault::{Known, Rest, Vault, VaultStep};
use crate::error::{Code, Error};
use crate::time::{Now, Timestamp};

impl Vault {
    /// Answers a caller that wants an access token, and begins the work for it.
    pub(super) fn want(&mut self, want: Want, now: Now, actions: &mut Vec<VaultAction>) {
        let answer = match self.usable(want, now).filter(|_| self.is_fresh(now)) {
            Some(generation) if want.max_age_ms.is_none() => VaultAction::Use { generation },
            // A login that cannot be saved any more is not kept alive, however long its token lasts.
            Some(generation) => {
                self.prove(want.since, now, actions);
                match (&self.pending, &self.blocked) {
                    (Some(pending), _) => self.wait(pending.ends, want.deadline, now),
                    (None, Some(rest)) => VaultAction::Fail { error: rest.error.clone() },
                    (None, None) => VaultAction::Use { generation },
                }
            }
            None => match self.renew(want, now, actions) {
                Ok(until) => self.wait(until, want.deadline, now),
                Err(error) => self.or_old(want, now, error),
            },
        };
        actions.push(answer);
    }

    /// Answers a caller that wants to know the state of the vault.
    pub(super) fn look(&mut self, deadline: Timestamp, since: Timestamp, now: Now, actions: &mut Vec<VaultAction>) {
        let mut seen = self.look_at_store(deadline, now, actions);
        if matches!(seen, Ok(None)) {
            self.prove(since, now, actions);
            seen = Ok(self.pending.as_ref().map(|pending| pending.ends));
        }
        let answer = match seen {
            Ok(Some(until)) => self.wait(until, deadline, now),
            Ok(None) => {
                let held = self.known.as_ref().map_or(HeldDocument::Nothing, |known| known.held.clone());
                let opened = self.known.as_ref().and_then(|known| known.opened);
                let failure = self.blocked.as_ref().map(|rest| rest.error.clone());
                VaultAction::Show { held, opened, failure, written: self.is_proven(since) }
            }
            Err(error) => VaultAction::Fail { error },
        };
        actions.push(answer);
    }

    fn wait(&self, until: Timestamp, deadline: Timestamp, now: Now) -> VaultAction {
        VaultAction::Wait { until: until.min(deadline), why: self.waits_for(now) }
    }

    /// The generation at hand, if it is good enough for the caller.
    fn usable(&self, want: Want, now: Now) -> Option<u32> {
        let at = self.store_now(now);
        let document = self.document().filter(|_| self.is_open())?;
        let half = document.expires_at.since(document.obtained_at) / 2;
        let lasts = at.plus(want.margin_ms.max(self.config.leeway_ms).min(half)) < document.expires_at;
        let is_young = want.max_age_ms.is_none_or(|age| at < document.obtained_at.plus(age));
        let is_wanted = want.not_generation != Some(document.generation);
        (lasts && is_young && is_wanted).then_some(document.generation)
    }

    /// The token at hand for a caller for whom none can be had now, as long as it lasts; or else the error.
    fn or_old(&self, want: Want, now: Now, error: Error) -> VaultAction {
        let any = Want { margin_ms: 0, max_age_ms: None, ..want };
        match self.usable(any, now).filter(|_| want.max_age_ms.is_none()) {
            Some(generation) => VaultAction::Use { generation },
            None => VaultAction::Fail { error },
        }
    }

    /// Begins or awaits a renewal for a caller. Returns the instant at which the caller asks again.
    fn renew(&mut self, want: Want, now: Now, actions: &mut Vec<VaultAction>) -> Result<Timestamp, Error> {
        if let Some(until) = self.look_at_store(want.deadline, now, actions)? {
            return Ok(until);
        }
        let at = self.store_now(now);
        let is_older = |looked_at| if want.again { looked_at < want.since } else { looked_at <= want.since };
        if self.is_bad_news(at) && self.known.as_ref().is_some_and(|known| is_older(known.looked_at)) {
            self.swap(VaultStep::Looking, None, now, actions);
            return Ok(now.measured.plus(self.config.swap_ms));
        }
        let known = self.known.as_ref().map(|known| (&known.held, known.opened));
        let document = match known {
            Some((HeldDocument::Document(document), Some(Opened::OtherKey))) => return Err(other_key(document)),
            Some((HeldDocument::Document(_), Some(Opened::Damaged))) => return Err(damaged()),
            Some((HeldDocument::Document(document), _)) => document,
            Some((HeldDocument::Foreign, _)) => return Err(foreign()),
            Some((HeldDocument::Nothing, _)) | None if self.seed => return Ok(self.open_seed(now, actions)),
            Some((HeldDocument::Nothing, _)) | None => return Err(never_logged_in()),
        };
        if let Some(lost) = document.lost.filter(|lost| at < lost.tried.plus(self.config.lost_rest_ms)) {
            return if self.seed { Ok(self.open_seed(now, actions)) } else { Err(login_is_lost(lost.why)) };
        }
        for rest in [&self.blocked, &self.failed] {
            if let Some(until) = self.outlast(rest.as_ref(), want.deadline, now)? {
                return Ok(until);
            }
        }
        match document.may_claim(self.owner, at) {
            Ok(()) => {
                self.claim(now, actions);
                Ok(now.measured.plus(self.config.claim_ms))
            }
            // Another process may save any moment.
            Err(until) => Ok(self.to_measured(until, now).min(now.measured.plus(self.config.poll_ms))),
        }
    }

    /// Sees to it that the store was looked at just now, and what is there was opened. Returns the instant at which the caller
    /// asks again, or `None` if nothing is under way.
    fn look_at_store(
        &mut self,
        deadline: Timestamp,
        now: Now,
        actions: &mut Vec<VaultAction>,
    ) -> Result<Option<Timestamp>, Error> {
        if deadline <= now.measured {
            return Err(self.waits_for(now));
        }
        if let Some(pending) = &self.pending {
            return Ok(Some(pending.ends));
        }
        if let Some(until) = self.outlast(self.away.as_ref(), deadline, now)? {
            return Ok(Some(until));
        }
        if !self.unsaved.is_empty() {
            // It is being saved: the next event goes on with it.
            let until = self.outlast(self.blocked.as_ref(), deadline, now)?;
            return Ok(Some(until.unwrap_or_else(|| now.measured.plus(self.config.poll_ms))));
        }
        if !self.is_fresh(now) {
            self.swap(VaultStep::Looking, None, now, actions);
        } else if !self.is_open() {
            self.open(now, actions);
        }
        Ok(self.pending.as_ref().map(|pending| pending.ends))
    }

    /// The end of a pause, if one is left, for a caller who can wait for it; or the reason of the pause.
    fn outlast(&self, rest: Option<&Rest>, deadline: Timestamp, now: Now) -> Result<Option<Timestamp>, Error> {
        let Some(rest) = Self::resting(rest, now) else { return Ok(None) };
        let is_hopeless = rest.lasting || rest.count >= self.config.patience || rest.until >= deadline;
        if is_hopeless { Err(rest.error.clone().retry_at(now.to_clock(rest.until))) } else { Ok(Some(rest.until)) }
    }

    /// Returns whether the store has nothing that this process can use, as far as is known.
    fn is_bad_news(&self, at: Timestamp) -> bool {
        let is_shut = self.known.as_ref().is_some_and(Known::is_shut);
        is_shut
            || self
                .document()
                .is_none_or(|document| document.lost.is_some_and(|lost| at < lost.tried.plus(self.config.lost_rest_ms)))
    }

    fn open_seed(&mut self, now: Now, actions: &mut Vec<VaultAction>) -> Timestamp {
        let (ticket, until) = self.begin(VaultStep::OpeningSeed, self.config.seal_ms, now);
        actions.push(VaultAction::OpenSeed { ticket });
        until
    }
}

/// The error for a store without a login.
fn never_logged_in() -> Error {
    let message = "nobody has logged in yet: the vault is empty. If somebody did, check first that the vault is where it was. \
                   Run `npx xero-m2m login` (rule R33)";
    Error::new(Code::LoginRequired, message).by_rule("R33")
}

/// The error for a login that Xero refuses.
fn login_is_lost(why: LostWhy) -> Error {
    let (code, message) = match why {
        LostWhy::Refused => (
            Code::LoginRequired,
            "Xero no longer accepts the login of the vault: it was revoked, or every process stopped between a renewal and \
             its save for half an hour. Run `npx xero-m2m login` again (rule R33)",
        ),
        LostWhy::Unused => (
            Code::LoginRequired,
            "the login of the vault was not used for 60 days, after which Xero ends it. Run `npx xero-m2m login` again, and \
             call keepAlive() now and then (rule R33)",
        ),
        LostWhy::Copied => (
            Code::VaultCopied,
            "Xero refuses a refresh token that this vault had never used: a copy of the vault or an old seed used it \
             elsewhere, or the login was revoked. Run `npx xero-m2m login` again, once for each environment (rule R33)",
        ),
    };
    Error::new(code, message).by_rule("R33")
}

/// The error for a document that no key opens.
fn other_key(document: &VaultDocument) -> Error {
    let key = document.sealed.split('.').next().unwrap_or_default();
    let message = crate::text::words![
        "no key of this process opens the vault, which was sealed with the key ",
        crate::error::quoted(key, 16),
        ": give the option key, or the client id and the client secret, with which it was sealed. If they are the same as ever, the \
         vault was changed or cut since: put it back as it was. Only if neither can be done, log in again with --replace",
    ];
    Error::new(Code::VaultKeyMismatch, message)
}

/// The error for a document that its own key does not open.
fn damaged() -> Error {
    let message = "this process has the key with which the vault was sealed, and it does not open: the vault was changed or cut \
                   since, or belongs to another client id or identityUrl. It was left as it is: put it back as it was, or correct \
                   these options. Only if neither can be done, log in again with --replace";
    Error::new(Code::VaultUnavailable, message).lasting()
}

/// The error for a text that is not a document.
fn foreign() -> Error {
    let message = "the store holds something else under the key of the vault, a vault that was changed or cut, or one of another \
                   release; it was left as it is. Put the vault back as it was, or give it another place. Only if neither can be \
                   done, log in again with --replace";
    Error::new(Code::VaultUnavailable, message).lasting()
}
