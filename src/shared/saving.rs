//! Grants that are not in the store yet.

use super::document::{Fresh, VaultDocument};
use super::event::{HeldDocument, Notice, Opened, VaultAction};
use super::vault::{Rest, Vault, VaultStep};
use crate::error::{Code, Error};
use crate::time::Now;

/// A grant that the store has not acknowledged.
#[derive(Clone, Debug, Hash)]
pub(super) struct Unsaved {
    /// The number under which the keeper has its tokens.
    grant: u32,
    fresh: Fresh,
    from: GrantOrigin,
    /// The version that the document was put in the place of, and the document, sealed.
    put: Option<(u64, VaultDocument)>,
}

/// The origin of a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum GrantOrigin {
    /// A refresh token of this login; `used` is its number, unless the answer came after it was given up.
    Exchange { login: Option<u32>, used: Option<u32> },
    /// A person logged in.
    Login { number: u32, replace: bool },
    /// The seed of a deployment.
    Seed { number: u32 },
}

impl Unsaved {
    pub(super) fn renewal(ticket: u16, fresh: Fresh, login: Option<u32>, used: Option<u32>) -> Self {
        Self { grant: ticket.into(), fresh, from: GrantOrigin::Exchange { login, used }, put: None }
    }
}

/// The next step of a grant.
enum Next {
    /// Put this document.
    Put(VaultDocument),
    /// Open the document that is there first: its tokens are kept.
    Open,
    /// It is not needed any more.
    Drop,
    /// It must not be put.
    Refuse(Error),
}

impl Vault {
    /// Takes note of a login that is to be saved.
    pub(super) fn log_in(&mut self, grant: u32, fresh: Fresh, replace: bool) {
        let number = self.login_number();
        self.unsaved.push(Unsaved { grant, fresh, from: GrantOrigin::Login { number, replace }, put: None });
        // It is compared with the user of the login that is there.
        if let Some(known) = self.known.as_mut().filter(|known| !known.is_shut()) {
            known.opened = None;
        }
    }

    /// Takes note of a seed that was opened, or cannot be.
    pub(super) fn seed_opened(&mut self, ticket: u16, fresh: Option<Fresh>, now: Now) {
        if let Some(fresh) = fresh {
            self.seed = false;
            let number = self.login_number();
            self.unsaved.push(Unsaved { grant: ticket.into(), fresh, from: GrantOrigin::Seed { number }, put: None });
        } else {
            let message = "no key of this process opens the seed: make it with the same key and client id";
            self.refuse_for_long(Error::new(Code::VaultKeyMismatch, message), now);
        }
    }

    fn login_number(&mut self) -> u32 {
        u32::try_from(self.random.draw() >> 32_u32).unwrap_or(u32::MAX)
    }

    /// Goes on with the grant that came first.
    pub(super) fn go_on_saving(&mut self, now: Now, actions: &mut Vec<VaultAction>) {
        let Some(unsaved) = self.unsaved.first().cloned() else { return };
        let Some(known) = &self.known else { return self.swap(VaultStep::Looking, None, now, actions) };
        if let Some((version, put)) = unsaved.put
            && version == known.version
        {
            return self.swap(VaultStep::Saving { put: put.clone() }, Some(put), now, actions);
        }
        match self.next_of(unsaved.fresh, unsaved.from, now) {
            Next::Put(document) => {
                let (ticket, _) =
                    self.begin(VaultStep::Sealing { document: document.clone() }, self.config.seal_ms, now);
                actions.push(VaultAction::Seal { ticket, grant: unsaved.grant, document });
            }
            Next::Open => self.open(now, actions),
            Next::Drop => {
                self.unsaved.remove(0);
                self.end_claim();
            }
            Next::Refuse(error) if matches!(unsaved.from, GrantOrigin::Login { .. }) => {
                self.unsaved.remove(0);
                actions.push(VaultAction::LoggedIn { result: Err(error) });
            }
            // A grant is never thrown away: it stays in memory and is tried again.
            Next::Refuse(error) => self.refuse_for_long(error, now),
        }
    }

    fn next_of(&self, fresh: Fresh, from: GrantOrigin, now: Now) -> Next {
        let at = self.store_now(now);
        let (held, opened) =
            self.known.as_ref().map_or((&HeldDocument::Nothing, None), |known| (&known.held, known.opened));
        let anew = |number, generation| Next::Put(VaultDocument::of_login(number, generation, fresh, at));
        let document = match (held, from) {
            (HeldDocument::Document(document), _) => document,
            (HeldDocument::Foreign, GrantOrigin::Login { number, replace: true })
            | (HeldDocument::Nothing, GrantOrigin::Login { number, .. } | GrantOrigin::Seed { number }) => {
                return anew(number, 1);
            }
            (HeldDocument::Foreign, _) => return Next::Refuse(in_the_way()),
            (HeldDocument::Nothing, GrantOrigin::Exchange { login, .. }) => return anew(login.unwrap_or_default(), 1),
        };
        let next = document.generation.saturating_add(1);
        match (from, opened) {
            (GrantOrigin::Login { number, replace: true }, _) => anew(number, next),
            (GrantOrigin::Seed { number }, _) if document.lost.is_some_and(|lost| lost.since < fresh.issued) => {
                anew(number, next)
            }
            (GrantOrigin::Seed { .. }, _) => Next::Drop,
            (GrantOrigin::Exchange { login: Some(login), .. }, _) if login != document.login => Next::Drop,
            (GrantOrigin::Exchange { used: Some(used), .. }, Some(Opened::Same | Opened::Other))
                if self.holds_claim() =>
            {
                Next::Put(document.renewed(fresh, used, at))
            }
            (GrantOrigin::Exchange { .. }, Some(Opened::Same | Opened::Other)) => {
                Next::Put(document.joined(fresh, self.owner, at, &self.config))
            }
            (GrantOrigin::Login { number, .. }, _) if document.lost.is_some() => anew(number, next),
            (GrantOrigin::Login { number, .. }, Some(Opened::Same)) => anew(number, next),
            (GrantOrigin::Login { .. } | GrantOrigin::Exchange { .. }, None) => Next::Open,
            (GrantOrigin::Login { .. }, Some(Opened::Other)) => Next::Refuse(of_other_user()),
            (GrantOrigin::Login { .. } | GrantOrigin::Exchange { .. }, Some(Opened::OtherKey | Opened::Damaged)) => {
                Next::Refuse(in_the_way())
            }
        }
    }

    /// Puts a document that was sealed.
    pub(super) fn save(&mut self, document: VaultDocument, now: Now, actions: &mut Vec<VaultAction>) {
        let version = self.known.as_ref().map_or(0, |known| known.version);
        if let Some(unsaved) = self.unsaved.first_mut() {
            unsaved.put = Some((version, document.clone()));
            self.swap(VaultStep::Saving { put: document.clone() }, Some(document), now, actions);
        }
    }

    /// The store has answered a save.
    pub(super) fn saved(&mut self, put: &VaultDocument, swapped: bool, now: Now, actions: &mut Vec<VaultAction>) {
        let is_there = self.document().is_some_and(|there| {
            (there.login, there.generation, &there.sealed) == (put.login, put.generation, &put.sealed)
        });
        if !is_there {
            // Another process was first: this one puts its grant beside what is there now.
            return self.end_claim();
        }
        if self.unsaved.is_empty() {
            return;
        }
        let Unsaved { from, .. } = self.unsaved.remove(0);
        self.end_claim();
        // What this process has sealed it could open: the keeper has the tokens.
        if let Some(known) = self.known.as_mut().filter(|_| swapped) {
            known.opened = Some(Opened::Same);
        }
        let generation = put.generation;
        actions.push(VaultAction::Tell(Notice::Saved { generation }));
        if self.document().is_some_and(|document| document.unsure.is_some_and(|until| until > self.store_now(now))) {
            actions.push(VaultAction::Tell(Notice::Unsure));
        }
        if matches!(from, GrantOrigin::Login { .. }) {
            actions.push(VaultAction::LoggedIn { result: Ok(generation) });
        }
    }

    /// Rests after an error that lasts.
    fn refuse_for_long(&mut self, error: Error, now: Now) {
        let count = self.away.as_ref().map_or(0, |rest| rest.count).saturating_add(1);
        let until = now.measured.plus(self.config.refused_rest_ms);
        self.away = Some(Rest { error, until, count, lasting: true });
    }

    /// Gives up a login that cannot be saved for so long that the person should know.
    pub(super) fn login_fails(&mut self, actions: &mut Vec<VaultAction>) {
        let failures = self.blocked.iter().chain(&self.away);
        let Some(rest) = failures.into_iter().find(|rest| rest.lasting || rest.count >= self.config.patience) else {
            return;
        };
        let is_login = |unsaved: &Unsaved| matches!(unsaved.from, GrantOrigin::Login { .. });
        if self.unsaved.first().is_some_and(is_login) {
            self.unsaved.remove(0);
            actions.push(VaultAction::LoggedIn { result: Err(rest.error.clone()) });
        }
    }
}

/// The error for a grant that may not be put in the place of what is there.
fn in_the_way() -> Error {
    let message = "the store holds something under the key of the vault that no key of this process opens; it was left as it is. \
                   Give the vault another place, give the option key with which it was sealed, or log in with --replace";
    Error::new(Code::VaultKeyMismatch, message)
}

/// The error for a login over the living login of another user.
fn of_other_user() -> Error {
    let message = "the vault holds the living login of another user; it was left as it is. Give the vault another place, or log \
                   in with --replace";
    Error::new(Code::InvalidOption, message)
}
