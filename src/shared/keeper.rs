//! The tokens of a vault beside its machine: the machine knows numbers, the keeper has the texts.

use std::sync::Arc;

use super::codec::{bound_to, read, seed_bound_to, write};
use super::config::VaultConfig;
use super::contents::{Contents, Grant};
use super::document::VaultDocument;
use super::event::{HeldDocument, Opened, Swap, SwapAnswer, VaultAction, VaultEvent};
use super::exchange::{ExchangeRequest, RegisteredApp, judge};
use super::vault::Vault;
use crate::error::{Code, Error};
use crate::secret::Secret;
use crate::text::words;
use crate::time::{Now, Timestamp};
use crate::token::answer::TokenAnswer;

/// The numbers of grants of a login are larger; those of exchanges are their tickets.
const FIRST_LOGIN: u32 = 0xffff;

/// The sealed texts whose contents are remembered: the one that is there, the one that is put, and the one before.
const REMEMBERED: usize = 3;

/// The vault of one process, with the texts of its tokens.
#[derive(Debug)]
pub struct Keeper {
    vault: Vault,
    app: RegisteredApp,
    /// The name of the vault, to which its sealed texts are bound.
    name: String,
    /// Contents, by their sealed text.
    opened: Vec<(Arc<str>, Contents)>,
    /// The contents that are being sealed.
    sealing: Option<Contents>,
    /// Grants that are not saved yet, by their number.
    grants: Vec<(u32, Grant)>,
    logins: u32,
    /// The store's clock when the exchange that is under way was sent.
    sent: Timestamp,
}

/// An event for a keeper, with the texts.
pub enum KeeperEvent<'a> {
    /// An event without texts.
    Plain(VaultEvent),
    /// A person has logged in: a text of [`Grant::write`].
    Login {
        /// The grant.
        grant: &'a str,
        /// See [`VaultEvent::Login`].
        replace: bool,
    },
    /// The store answered.
    Found {
        /// The ticket.
        ticket: u16,
        /// The document was put.
        swapped: bool,
        /// The version that is there now.
        version: u64,
        /// The text that is there now.
        document: Option<&'a str>,
        /// The instant by the store's clock.
        at: Timestamp,
    },
    /// A sealed text was opened; `None` if no key opens it.
    Opened {
        /// The ticket.
        ticket: u16,
        /// The text.
        text: Option<&'a str>,
        /// This process has the key with which it was sealed, by the name of the key.
        known_key: bool,
    },
    /// The seed was opened; `None` if no key opens it.
    SeedOpened {
        /// The ticket.
        ticket: u16,
        /// The text.
        text: Option<&'a str>,
    },
    /// A text was sealed.
    Sealed {
        /// The ticket.
        ticket: u16,
        /// The sealed text.
        sealed: &'a str,
    },
    /// The identity service answered.
    Answered {
        /// The ticket.
        ticket: u16,
        /// The answer.
        answer: TokenAnswer<'a>,
    },
}

/// An action of a keeper, with the texts.
pub enum Wanted<'a> {
    /// An action without texts.
    Plain(&'a VaultAction),
    /// Swap this text.
    Swap(&'a Swap, Option<String>),
    /// Open this text, bound to this data.
    Open(u16, &'a str, String),
    /// Open the seed, bound to this data.
    OpenSeed(u16, String),
    /// Seal this text, bound to this data.
    Seal(u16, Secret<String>, String),
    /// Send this request.
    Exchange(u16, Timestamp, ExchangeRequest),
    /// Hand out this access token, with its instants by the host's clock.
    Use(VaultToken<'a>),
    /// Show this state.
    Show(VaultState<'a>),
}

/// The state of a vault.
pub struct VaultState<'a> {
    /// The content of the store.
    pub held: &'a HeldDocument,
    /// The tokens, if a key of this process opens them.
    pub contents: Option<&'a Contents>,
    /// The key is at hand, and does not open them.
    pub damaged: bool,
    /// The reason why the store took no document from this process.
    pub failure: Option<&'a Error>,
    /// The store took one since the caller came.
    pub written: bool,
    /// The instant by the store's clock.
    pub at: Timestamp,
}

/// An access token with what it is good for.
pub struct VaultToken<'a> {
    /// The generation.
    pub generation: u32,
    /// The tokens.
    pub contents: &'a Contents,
    /// The instant at which it was asked for, by the host's clock.
    pub obtained_at: Timestamp,
    /// Its end, by the host's clock.
    pub expires_at: Timestamp,
}

impl Keeper {
    /// A keeper that knows nothing yet. `owner` is a random number of the process, `random` feeds the jitter of the pauses, `seed`
    /// if there is a seed.
    ///
    /// # Errors
    /// See [`RegisteredApp::check`].
    pub fn new(app: RegisteredApp, config: VaultConfig, owner: u32, random: u64, seed: bool) -> Result<Self, Error> {
        app.check()?;
        let name = words![app.identity_url.as_str(), "|", app.client_id];
        let vault = Vault::new(config, owner, random, seed);
        let (opened, grants) = (Vec::new(), Vec::new());
        Ok(Self { vault, app, name, opened, sealing: None, grants, logins: 0, sent: Timestamp::default() })
    }

    /// The machine.
    pub const fn vault(&self) -> &Vault {
        &self.vault
    }

    /// The app.
    pub const fn app(&self) -> &RegisteredApp {
        &self.app
    }

    /// The data that a seed is bound to.
    pub fn seed_bound_to(&self) -> String {
        seed_bound_to(&self.name)
    }

    /// Reports an event that happened at `now`. Returns the actions; [`Self::wanted`] adds the texts to each.
    ///
    /// # Errors
    /// [`Code::InvalidOption`] for a grant that is none.
    pub fn handle(&mut self, given: KeeperEvent<'_>, now: Now) -> Result<Vec<VaultAction>, Error> {
        let event = match given {
            KeeperEvent::Plain(event) => event,
            KeeperEvent::Login { grant, replace } => {
                let grant = Grant::given(grant)?;
                self.logins = self.logins.wrapping_add(1);
                let (number, fresh) = (FIRST_LOGIN.saturating_add(self.logins), grant.fresh);
                self.grants.push((number, grant));
                VaultEvent::Login { grant: number, fresh, replace }
            }
            KeeperEvent::Found { ticket, swapped, version, document, at } => {
                let held = match document.map(read) {
                    None => HeldDocument::Nothing,
                    Some(None) => HeldDocument::Foreign,
                    Some(Some(document)) => HeldDocument::Document(document),
                };
                VaultEvent::Found { ticket, found: SwapAnswer { swapped, version, held, at } }
            }
            KeeperEvent::Opened { ticket, text, known_key } => {
                VaultEvent::Opened { ticket, opened: self.opened(text, known_key) }
            }
            KeeperEvent::SeedOpened { ticket, text } => {
                let grant = text.and_then(Grant::read);
                let fresh = grant.as_ref().map(|grant| grant.fresh);
                self.grants.extend(grant.map(|grant| (ticket.into(), grant)));
                VaultEvent::SeedOpened { ticket, fresh }
            }
            KeeperEvent::Sealed { ticket, sealed } => {
                let sealed: Arc<str> = sealed.into();
                if let Some(contents) = self.sealing.take() {
                    self.remember(sealed.clone(), contents);
                }
                VaultEvent::Sealed { ticket, sealed }
            }
            KeeperEvent::Answered { ticket, answer } => match judge(&answer, self.sent, now.clock) {
                Ok(grant) => {
                    let fresh = grant.fresh;
                    self.grants.push((ticket.into(), grant));
                    VaultEvent::Granted { ticket, fresh }
                }
                Err(refusal) if refusal.invalid_grant => VaultEvent::Refused { ticket },
                Err(refusal) => VaultEvent::Failed { ticket, failure: refusal.failure },
            },
        };
        let actions = self.vault.handle(event, now);
        if actions.iter().any(|action| matches!(action, VaultAction::Exchange { .. })) {
            self.sent = self.vault.store_now(now);
        }
        if !self.vault.is_busy() {
            self.grants.clear();
        }
        Ok(actions)
    }

    /// Adds the texts to an action.
    ///
    /// # Errors
    /// [`Code::VaultUnavailable`] for a document that is too long.
    pub fn wanted<'a>(&'a mut self, action: &'a VaultAction, now: Now) -> Result<Wanted<'a>, Error> {
        let too_long = || {
            Error::new(Code::VaultUnavailable, "the tokens of the login are too long for a vault of 16 kB").lasting()
        };
        Ok(match action {
            VaultAction::Swap(swap) => {
                let text = match &swap.put {
                    Some(put) => Some(write(put).ok_or_else(too_long)?),
                    None => None,
                };
                Wanted::Swap(swap, text)
            }
            VaultAction::Open { ticket, document } => {
                Wanted::Open(*ticket, &document.sealed, bound_to(&self.name, document))
            }
            VaultAction::OpenSeed { ticket } => Wanted::OpenSeed(*ticket, seed_bound_to(&self.name)),
            VaultAction::Seal { ticket, grant, document } => {
                let contents = self.contents_for(*grant, document).ok_or_else(too_long)?;
                let text = contents.write();
                self.sealing = Some(contents);
                Wanted::Seal(*ticket, text, bound_to(&self.name, document))
            }
            VaultAction::Exchange { ticket, token, deadline } => {
                let known = self.current().and_then(|contents| contents.token(*token));
                let request = self.app.refresh(known.unwrap_or(&Secret::new(String::new())));
                Wanted::Exchange(*ticket, *deadline, request)
            }
            VaultAction::Use { generation } => match (self.vault.document(), self.current()) {
                (Some(document), Some(contents)) => {
                    let [obtained_at, expires_at] =
                        [document.obtained_at, document.expires_at].map(|at| self.vault.to_clock(at, now));
                    Wanted::Use(VaultToken { generation: *generation, contents, obtained_at, expires_at })
                }
                _ => Wanted::Plain(action),
            },
            VaultAction::Show { held, opened, failure, written } => Wanted::Show(VaultState {
                held,
                contents: self.current().filter(|_| matches!(opened, Some(Opened::Same | Opened::Other))),
                damaged: *opened == Some(Opened::Damaged),
                failure: failure.as_ref(),
                written: *written,
                at: self.vault.store_now(now),
            }),
            action => Wanted::Plain(action),
        })
    }

    /// The contents of the document that was seen last, if they were opened.
    pub fn current(&self) -> Option<&Contents> {
        self.contents_of(&self.vault.document()?.sealed)
    }

    fn contents_of(&self, sealed: &str) -> Option<&Contents> {
        self.opened.iter().find(|(known, _)| &**known == sealed).map(|(_, contents)| contents)
    }

    fn remember(&mut self, sealed: Arc<str>, contents: Contents) {
        self.opened.retain(|(known, _)| *known != sealed);
        self.opened.insert(0, (sealed, contents));
        self.opened.truncate(REMEMBERED);
    }

    fn opened(&mut self, text: Option<&str>, known_key: bool) -> Opened {
        let contents = text.and_then(Contents::read);
        let sealed = self.vault.document().map(|document| document.sealed.clone());
        let Some((contents, sealed)) = contents.zip(sealed) else {
            return if known_key { Opened::Damaged } else { Opened::OtherKey };
        };
        let of_login = self.grants.iter().rev().find(|(number, _)| *number > FIRST_LOGIN);
        let is_other = of_login.is_some_and(|(_, grant)| grant.contents.user != contents.user);
        self.remember(sealed, contents);
        if is_other { Opened::Other } else { Opened::Same }
    }

    /// The contents for a document: the tokens that it lists, of which the newest generation is that of the grant.
    fn contents_for(&self, number: u32, document: &VaultDocument) -> Option<Contents> {
        let (_, grant) = self.grants.iter().find(|(known, _)| *known == number)?;
        let mut contents = grant.contents.clone();
        let fresh = contents.tokens.pop().map(|(_, token)| token)?;
        let before = self.current();
        if let Some(before) = before.filter(|_| contents.organisations.is_empty()) {
            contents.organisations.clone_from(&before.organisations);
            contents.left_out = before.left_out;
        }
        for token in &document.tokens {
            let text = if token.id == document.generation {
                Some(fresh.clone())
            } else {
                before.and_then(|before| before.token(token.id)).cloned()
            };
            contents.tokens.push((token.id, text?));
        }
        Some(contents)
    }
}
