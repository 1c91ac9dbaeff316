//! The answers to callers.

use super::document::{LostWhy, VaultDocument};
use super::event::{HeldDocument, Opened, VaultAction, Want};
use super::vault::{Vault, VaultStep};
use crate::error::{Code, Error};
use crate::time::{Now, Timestamp};

impl Vault {
    /// Answers a caller that wants an access token, and begins the work for it.
    pub(super) fn want(&mut self, want: Want, now: Now, actions: &mut Vec<VaultAction>) {
        let answer = match self.usable(want, now).filter(|_| self.is_fresh(now)) {
            Some(generation) => VaultAction::Use { generation },
            None => match self.renew(want, now, actions) {
                Ok(until) => VaultAction::Wait { until: until.min(want.deadline) },
                Err(error) => self.or_old(want, now, error),
            },
        };
        actions.push(answer);
    }

    /// Answers a caller that wants to know the state of the vault.
    pub(super) fn look(&mut self, deadline: Timestamp, now: Now, actions: &mut Vec<VaultAction>) {
        let answer = match self.look_at_store(deadline, now, actions) {
            Ok(Some(until)) => VaultAction::Wait { until: until.min(deadline) },
            Ok(None) => {
                let held = self.known.as_ref().map_or(HeldDocument::Nothing, |known| known.held.clone());
                VaultAction::Show { held, opened: self.is_open() }
            }
            Err(error) => VaultAction::Fail { error },
        };
        actions.push(answer);
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
            Some((HeldDocument::Document(document), Some(Opened::Refused))) => return Err(other_key(document)),
            Some((HeldDocument::Document(document), _)) => document,
            Some((HeldDocument::Foreign, _)) => return Err(foreign()),
            Some((HeldDocument::Nothing, _)) | None if self.seed => return Ok(self.open_seed(now, actions)),
            Some((HeldDocument::Nothing, _)) | None => return Err(never_logged_in()),
        };
        if let Some(lost) = document.lost.filter(|lost| at < lost.tried.plus(self.config.lost_rest_ms)) {
            return if self.seed { Ok(self.open_seed(now, actions)) } else { Err(login_is_lost(lost.why)) };
        }
        if let Some(rest) = Self::resting(self.failed.as_ref(), now) {
            let is_hopeless = rest.lasting || rest.count >= self.config.patience || rest.until >= want.deadline;
            return if is_hopeless { Err(retry_at(&rest.error, rest.until, now)) } else { Ok(rest.until) };
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
            let known = self.away.as_ref().or(self.failed.as_ref()).map(|rest| rest.error.clone());
            let message = "no access token came from the vault within the time allowed";
            return Err(known.unwrap_or_else(|| Error::new(Code::Timeout, message)));
        }
        if let Some(pending) = &self.pending {
            return Ok(Some(pending.ends));
        }
        if let Some(rest) = Self::resting(self.away.as_ref(), now) {
            let is_hopeless = rest.lasting || rest.count >= self.config.patience || rest.until >= deadline;
            return if is_hopeless { Err(retry_at(&rest.error, rest.until, now)) } else { Ok(Some(rest.until)) };
        }
        if !self.unsaved.is_empty() {
            // It is being saved: the next event goes on with it.
            return Ok(Some(now.measured.plus(self.config.poll_ms)));
        }
        if !self.is_fresh(now) {
            self.swap(VaultStep::Looking, None, now, actions);
        } else if !self.is_open() {
            self.open(now, actions);
        }
        Ok(self.pending.as_ref().map(|pending| pending.ends))
    }

    /// Returns whether the store has nothing that this process can use, as far as is known.
    fn is_bad_news(&self, at: Timestamp) -> bool {
        let is_refused = self.known.as_ref().is_some_and(|known| known.opened == Some(Opened::Refused));
        is_refused
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

fn retry_at(error: &Error, until: Timestamp, now: Now) -> Error {
    error.clone().retry_at(now.to_clock(until))
}

/// The error for a store without a login.
fn never_logged_in() -> Error {
    let message = "nobody has logged in yet: the vault is empty. Run `npx xero-m2m login` (rule R33)";
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
        ": give the option key, or the client secret, with which it was sealed, or log in again with --replace",
    ];
    Error::new(Code::VaultKeyMismatch, message)
}

/// The error for a text that is not a document.
fn foreign() -> Error {
    let message = "the store holds something else under the key of the vault, or a vault of another release; it was left as it \
                   is. Give the vault another place, or log in again with --replace";
    Error::new(Code::VaultUnavailable, message)
}
