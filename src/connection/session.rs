//! The tokens of one custom connection, and the scopes that they carry.

use super::Options;
use crate::error::{Code, Error, quoted};
use crate::request::{self, BaseUrl, TokenRequest};
use crate::scope::{ScopeSet, advice};
use crate::secret::Secret;
use crate::text::words;
use crate::time::Timestamp;
use crate::token::answer::{self, GrantedToken, Parser, TokenAnswer, TokenRefusal};
use crate::token::{Lifecycle, Stored, TokenAction, TokenEvent, TokenPhase};
use crate::uuid::{self, is_uuid};

/// The judgement of an answer of the identity service.
#[derive(Debug)]
pub struct Answered {
    /// The token that the actions keep and save; `None` if they do neither.
    pub grant: Option<GrantedToken>,
    /// The actions of the lifecycle.
    pub actions: Vec<TokenAction>,
    /// The reason why there is no token, for people.
    pub refused: Option<Code>,
    /// The same attempt is to be sent once more, with the bytes that [`Session::token_request`] then gives.
    pub again: Option<Again>,
}

/// The reason why an attempt is sent once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    /// The secret was refused, and there is another.
    NextSecret,
    /// A scope is not configured, and Xero does not name it. The answer to a request without scopes lists those that are.
    WithoutScope,
}

/// The tokens of one connection: the lifecycle, the judge of token answers, and the scopes of the token in use.
#[derive(Debug)]
pub struct Session {
    client_id: String,
    /// The scopes to ask for.
    asked: Option<ScopeSet>,
    /// The id of the organisation that tokens have to reach.
    organisation: Option<String>,
    identity_url: BaseUrl,
    timeout_ms: u64,
    machine: Lifecycle,
    /// The scopes of the token in use; `None` before the first one, or if neither the answer nor the token has them.
    granted: Option<ScopeSet>,
    /// Counts the changes of `granted`.
    revision: u32,
    /// The attempt whose list of scopes was refused, and the refusal, until it is known which scopes are not configured.
    refused: Option<(u32, Error)>,
}

impl Answered {
    const fn of(actions: Vec<TokenAction>) -> Self {
        Self { grant: None, actions, refused: None, again: None }
    }
}

impl Session {
    pub(super) fn new(options: Options) -> Result<Self, Error> {
        request::check_token_options(&options.client_id, options.scopes.as_ref())?;
        if let Some(id) = options.organisation.as_deref().filter(|id| !is_uuid(id)) {
            let message = words![
                "organisation is ",
                quoted(id, 40),
                ", and has to be an id of 32 hexadecimal digits: OrganisationID in the answer to GET /Organisation",
            ];
            return Err(Error::new(Code::InvalidOption, message));
        }
        Ok(Self {
            client_id: options.client_id,
            asked: options.scopes,
            organisation: options.organisation,
            identity_url: options.identity_url,
            timeout_ms: options.lifecycle.timeout_ms,
            machine: Lifecycle::new(options.lifecycle, options.seed),
            granted: None,
            revision: 0,
            refused: None,
        })
    }

    /// The generation of the token to use at `now`, if there is nothing to do but to use it: the warm path.
    pub fn ready(&mut self, now: Timestamp) -> Option<u32> {
        self.machine.ready(now)
    }

    /// The instants from which and before which the token at hand may be handed out, if no event is reported meanwhile.
    pub fn at_hand(&self) -> Option<(Timestamp, Timestamp)> {
        self.machine.at_hand()
    }

    /// The phase that the lifecycle is in.
    pub fn phase(&self, now: Timestamp) -> TokenPhase {
        self.machine.phase(now)
    }

    /// A caller wants a token and can wait until `deadline`.
    pub fn want(&mut self, deadline: Timestamp, now: Timestamp) -> Vec<TokenAction> {
        self.machine.handle(TokenEvent::Want { deadline }, now)
    }

    /// The token request of `attempt` is sent at `now`, its secret being at hand. Returns when to give it up.
    pub fn sent(&mut self, attempt: u32, now: Timestamp) -> Timestamp {
        self.machine.handle(TokenEvent::Sent { attempt }, now);
        now.plus(self.timeout_ms)
    }

    /// The bytes of the token request of `attempt`.
    ///
    /// # Errors
    /// `invalid_option` if the secret is empty.
    pub fn token_request(&self, attempt: u32, secret: &Secret<String>) -> Result<TokenRequest, Error> {
        let Self { identity_url, client_id, asked, .. } = self;
        let scopes = asked.as_ref().filter(|_| self.refused.as_ref().is_none_or(|&(refused, _)| refused != attempt));
        request::token_request(identity_url, client_id, secret, scopes)
    }

    /// The identity service answered `attempt`. `more_secrets` if there is another secret to try.
    pub fn answered(
        &mut self,
        attempt: u32,
        answer: &TokenAnswer<'_>,
        more_secrets: bool,
        now: Timestamp,
        parse: Parser<'_>,
    ) -> Answered {
        let judged = answer::judge(answer, now, parse);
        if let Some((_, refused)) = self.refused.take_if(|&mut (refused, _)| refused == attempt) {
            let error = self.named(refused, judged.ok());
            let refused = Some(error.code());
            return Answered {
                refused,
                ..Answered::of(self.machine.handle(TokenEvent::Refused { attempt, error }, now))
            };
        }
        let judged = judged.and_then(|grant| match self.other_organisation(grant.organisation.as_deref()) {
            Some(error) => Err(TokenRefusal { error, lasting: true, invalid_grant: false, retry_after_ms: None }),
            None => Ok(grant),
        });
        let refused = judged.as_ref().err().map(|refusal| refusal.error.code());
        match judged {
            Ok(grant) => {
                let actions = self.machine.handle(TokenEvent::Granted { attempt, lifetime_ms: grant.lifetime_ms }, now);
                if actions.is_empty() {
                    return Answered::of(actions);
                }
                // Left out, they are those that were asked for (RFC 6749 section 5.1).
                self.grant(grant.scopes.clone());
                Answered { grant: Some(grant), ..Answered::of(actions) }
            }
            Err(TokenRefusal { error, .. }) if error.code() == Code::InvalidClient && more_secrets => {
                Answered { again: Some(Again::NextSecret), ..Answered::of(Vec::new()) }
            }
            Err(TokenRefusal { error, .. }) if error.code() == Code::InvalidScope && self.asked.is_some() => {
                self.refused = Some((attempt, error));
                Answered { again: Some(Again::WithoutScope), ..Answered::of(Vec::new()) }
            }
            Err(TokenRefusal { error, .. }) if error.code() == Code::OrganisationChanged => {
                Answered { refused, ..Answered::of(self.machine.handle(TokenEvent::Switched { attempt, error }, now)) }
            }
            Err(TokenRefusal { error, lasting, retry_after_ms, .. }) => {
                let event = if lasting {
                    TokenEvent::Refused { attempt, error }
                } else {
                    TokenEvent::Failed { attempt, error, retry_after_ms }
                };
                Answered { refused, ..Answered::of(self.machine.handle(event, now)) }
            }
        }
    }

    /// The refusal of a list of scopes, with the names of those that `configured`, granted without a list, does not have.
    /// If that is not known, the advice is about all, because Xero does not name the scope.
    fn named(&self, refused: Error, configured: Option<GrantedToken>) -> Error {
        let Some(asked) = &self.asked else { return refused };
        let configured = configured.and_then(|grant| grant.scopes);
        let missing = configured.as_ref().map(|configured| asked.difference(configured));
        if let Some(missing) = missing.filter(|missing| !missing.is_empty()) {
            let list = missing.to_scope_param();
            let message = words!["not configured on the connection: ", list, ". What to do: ", advice(&missing)];
            return Error::new(Code::InvalidScope, message).with_scopes(&list.split(' ').collect::<Vec<_>>());
        }
        let message = words![
            refused.message(),
            ". Leave the option `scopes` at \"configured\", or compare it with the connection's page in Xero's developer \
             portal. Of a scope that is not there: ",
            advice(asked),
        ];
        Error::new(Code::InvalidScope, message)
    }

    /// `attempt` got no answer. `error` is `offline` or `timeout`, for example. `lasting` if the same attempt will fail again.
    pub fn unanswered(&mut self, attempt: u32, error: Error, lasting: bool, now: Timestamp) -> Vec<TokenAction> {
        let event = match self.refused.take_if(|&mut (refused, _)| refused == attempt) {
            Some((_, refused)) => TokenEvent::Refused { attempt, error: self.named(refused, None) },
            None if lasting => TokenEvent::Refused { attempt, error: error.lasting() },
            None => TokenEvent::Failed { attempt, error, retry_after_ms: None },
        };
        self.machine.handle(event, now)
    }

    /// `attempt` waits for something else than Xero. `error` is that of the callers whose time ends meanwhile.
    pub fn waits(&mut self, attempt: u32, error: Error, now: Timestamp) {
        self.machine.handle(TokenEvent::Waits { attempt, error }, now);
    }

    /// The store answered with a token and the scopes that it carries, or with nothing; or the vault answered `attempt`.
    pub fn loaded(
        &mut self,
        attempt: Option<u32>,
        stored: Option<Stored>,
        scopes: Option<ScopeSet>,
        now: Timestamp,
    ) -> Vec<TokenAction> {
        let event = match (attempt, stored) {
            (Some(attempt), Some(token)) => TokenEvent::Adopted { attempt, token },
            (Some(attempt), None) => TokenEvent::Spared { attempt },
            (None, stored) => TokenEvent::Loaded(stored),
        };
        let actions = self.machine.handle(event, now);
        if !actions.is_empty() {
            self.grant(scopes);
        }
        actions
    }

    /// The same with `token`. A token of another organisation than the options name is dropped, in the store as well. A text
    /// that cannot be a token counts as none.
    pub fn loaded_token(
        &mut self,
        attempt: Option<u32>,
        token: &Secret<String>,
        stored: Stored,
        scopes: Option<ScopeSet>,
        now: Timestamp,
        parse: Parser<'_>,
    ) -> Vec<TokenAction> {
        if !answer::is_access_token(token.reveal()) {
            return self.loaded(None, None, None, now);
        }
        let reaches = self.organisation.as_ref().and_then(|_| answer::organisation(token, parse));
        if self.other_organisation(reaches.as_deref()).is_none() {
            return self.loaded(attempt, Some(stored), scopes, now);
        }
        let mut actions = self.loaded(None, None, None, now);
        actions.push(TokenAction::Erase);
        actions
    }

    /// The error of a token that reaches the organisation `found`, if that is another one than the options name.
    fn other_organisation(&self, found: Option<&str>) -> Option<Error> {
        let (wanted, found) = (self.organisation.as_deref()?, found?);
        if uuid::is_same(found, wanted) {
            return None;
        }
        let found = if is_uuid(found) { words![", ", found, ","] } else { String::new() };
        let message = words![
            "the connection reaches another organisation",
            found,
            " than the option organisation names, ",
            wanted,
            ": it was switched in Xero (rule R8), or the option is wrong; nothing was sent with its token",
        ];
        Some(Error::new(Code::OrganisationChanged, message).by_rule("R8"))
    }

    /// An API answered that the token of this generation has expired.
    pub fn rejected(&mut self, generation: u32, now: Timestamp) -> Vec<TokenAction> {
        self.machine.handle(TokenEvent::Rejected { generation }, now)
    }

    /// The scopes that the token in use carries, as far as they are known.
    pub const fn granted(&self) -> Option<&ScopeSet> {
        self.granted.as_ref()
    }

    fn grant(&mut self, scopes: Option<ScopeSet>) {
        self.granted = scopes.or_else(|| self.asked.clone());
        self.revision = self.revision.wrapping_add(1);
    }

    /// A number that is another one each time that the scopes of the token in use may have changed.
    pub const fn revision(&self) -> u32 {
        self.revision
    }

    /// The scopes that the token in use carries; before the first one, those that will be asked for.
    pub fn scopes(&self) -> Option<&ScopeSet> {
        self.granted.as_ref().or(self.asked.as_ref())
    }
}
