//! Requests that exchange a refresh token or a code for tokens, and the judgement of the answers.

use super::contents::{Contents, Grant, LoginOrganisation};
use super::document::Fresh;
use super::event::ExchangeFailure;
use crate::error::{Code, Error};
use crate::request::{BaseUrl, basic, check_credential, push_form_encoded};
use crate::secret::Secret;
use crate::text::words;
use crate::time::Timestamp;
use crate::token::answer::{self, Member, TokenAnswer, TokenRefusal};
use crate::token::json;

/// The app that tokens are exchanged for.
#[derive(Clone, Debug)]
pub struct RegisteredApp {
    /// The address of the identity service.
    pub identity_url: BaseUrl,
    /// The address of the APIs.
    pub api_url: BaseUrl,
    /// The client id.
    pub client_id: String,
    /// The client secret; `None` for a PKCE app.
    pub secret: Option<Secret<String>>,
}

/// A POST to the token endpoint. Its other headers are those of [`request::TokenRequest`](crate::request::TokenRequest).
#[derive(Clone, Debug)]
pub struct ExchangeRequest {
    /// The token endpoint.
    pub url: String,
    /// The value of `Authorization`; `None` for a PKCE app.
    pub authorization: Option<Secret<String>>,
    /// The form.
    pub body: Secret<String>,
}

impl RegisteredApp {
    /// Checks the credentials.
    ///
    /// # Errors
    /// [`Code::InvalidOption`] for an id or a secret that is empty or has a control character.
    pub fn check(&self) -> Result<(), Error> {
        check_credential("client id", &self.client_id)?;
        self.secret.as_ref().map_or(Ok(()), |secret| check_credential("client secret", secret.reveal()))
    }

    /// A request by refresh token (RFC 6749 section 6).
    pub fn refresh(&self, token: &Secret<String>) -> ExchangeRequest {
        self.request(&[("grant_type", "refresh_token"), ("refresh_token", token.reveal())])
    }

    /// A request by authorization code (RFC 6749 section 4.1.3), with the verifier of PKCE if there is one (RFC 7636
    /// section 4.5).
    pub fn code(&self, code: &str, redirect_uri: &str, verifier: Option<&str>) -> ExchangeRequest {
        let mut form = vec![("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirect_uri)];
        form.extend(verifier.map(|verifier| ("code_verifier", verifier)));
        self.request(&form)
    }

    /// A request that ends all tokens of the login's user with this app, and all its connections (RFC 7009 section 2.1).
    pub fn revocation(&self, token: &Secret<String>) -> ExchangeRequest {
        let request = self.request(&[("token", token.reveal()), ("token_type_hint", "refresh_token")]);
        ExchangeRequest { url: words![self.identity_url.as_str(), "/connect/revocation"], ..request }
    }

    fn request(&self, form: &[(&str, &str)]) -> ExchangeRequest {
        let id = [("client_id", self.client_id.as_str())];
        let members = form.iter().chain(if self.secret.is_none() { &id[..] } else { &[] });
        // Each byte becomes three at most: a text that grows would leave copies of the token behind.
        let worst = form.iter().map(|(name, value)| name.len().saturating_add(value.len())).sum::<usize>();
        let worst = worst.saturating_add(self.client_id.len()).saturating_mul(3).saturating_add(64);
        let mut body = String::with_capacity(worst);
        for (name, value) in members {
            if !body.is_empty() {
                body.push('&');
            }
            body.push_str(name);
            body.push('=');
            push_form_encoded(value, &mut body);
        }
        ExchangeRequest {
            url: words![self.identity_url.as_str(), "/connect/token"],
            authorization: self.secret.as_ref().map(|secret| basic(&self.client_id, secret)),
            body: Secret::new(body),
        }
    }
}

/// The reason why an exchange brought no grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExchangeRefusal {
    /// The identity service does not accept the refresh token or the code (`invalid_grant`).
    pub invalid_grant: bool,
    /// The failure.
    pub failure: ExchangeFailure,
}

/// Judges the answer to an exchange that was sent at `sent`, by the clock that the grant's instants go by, and answered at
/// `now`, by the host's clock.
///
/// # Errors
/// Those of [`answer::judge`]; `malformed_token` for an answer without a refresh token, as for a login without the scope
/// `offline_access`.
pub fn judge(answer: &TokenAnswer<'_>, sent: Timestamp, now: Timestamp) -> Result<Grant, ExchangeRefusal> {
    let granted = answer::judge(answer, now, &json::read).map_err(refusal)?;
    let refresh_token = object(answer.body)
        .and_then(|mut body| body.text("refresh_token"))
        .filter(|token| answer::is_access_token(token.reveal()));
    let Some(refresh_token) = refresh_token else {
        let message =
            "the answer of the identity service has no refresh token; was the scope offline_access asked for?";
        let error = Error::new(Code::MalformedToken, message);
        let failure = ExchangeFailure { error, certain: false, lasting: false, retry_after_ms: None };
        return Err(ExchangeRefusal { invalid_grant: false, failure });
    };
    let mut claims = claims(&granted.access_token);
    let mut claim = |name| claims.as_mut().and_then(|claims| claims.text(name));
    let user = claim("xero_userid").or_else(|| claim("sub"));
    let contents = Contents {
        scopes: granted.scopes.map(|scopes| scopes.to_scope_param()),
        user: user.map(|user| user.reveal().clone()),
        access_token: granted.access_token,
        organisations: Vec::new(),
        left_out: 0,
        tokens: vec![(0, refresh_token)],
    };
    let issued = claims.and_then(|mut claims| seconds(&claims.take("nbf"))).unwrap_or(sent);
    let fresh = Fresh { issued, obtained_at: sent, expires_at: sent.plus(granted.lifetime_ms) };
    Ok(Grant { contents, fresh })
}

/// The organisations in the answer to `GET /connections`: those of the login whose access token is given, if it names its login
/// (claim `authentication_event_id`), or else all.
///
/// # Errors
/// [`Code::MalformedAnswer`] for a body that is no list of objects.
pub fn organisations(body: &str, access_token: &Secret<String>) -> Result<Vec<LoginOrganisation>, Error> {
    let login = claims(access_token).and_then(|mut claims| claims.text("authentication_event_id"));
    let Some(listed) = json::objects(body) else {
        let message = "the answer to GET /connections is not a list that can be read; is there a proxy in between?";
        return Err(Error::new(Code::MalformedAnswer, message));
    };
    let mut found = Vec::new();
    for mut one in listed {
        let mut word = |name| one.text(name).map(|text| text.reveal().clone());
        let of_login = match (&login, word("authEventId")) {
            (Some(login), Some(event)) => *login.reveal() == event,
            _ => true,
        };
        if let (true, Some(id), Some(connection)) = (of_login, word("tenantId"), word("id")) {
            found.push(LoginOrganisation { id, connection, name: word("tenantName").unwrap_or_default() });
        }
    }
    Ok(found)
}

/// The claims of an access token that is a JWT.
fn claims(access_token: &Secret<String>) -> Option<json::Members> {
    object(&answer::payload(access_token.reveal())?)
}

fn object(text: &str) -> Option<json::Members> {
    json::objects(text)?.pop()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "casts saturate")]
fn seconds(member: &Member) -> Option<Timestamp> {
    match member {
        Member::Number(seconds) if *seconds >= 1.0 => Some(Timestamp::from_ms((*seconds as u64).saturating_mul(1_000))),
        _ => None,
    }
}

fn refusal(refusal: TokenRefusal) -> ExchangeRefusal {
    let TokenRefusal { error, lasting, invalid_grant, retry_after_ms } = refusal;
    let certain = lasting || error.code() == Code::RateLimited;
    let message = match error.code() {
        Code::InvalidClient => Some(
            "Xero does not know this client id, or the secret is wrong or stale: copy both from the app's page in Xero's \
             developer portal (invalid_client)",
        ),
        Code::UnauthorizedClient => Some(
            "this client id may not use refresh tokens: it belongs to another kind of app, such as a custom connection \
             (unauthorized_client)",
        ),
        Code::InvalidScope => Some("Xero refuses the scopes of the login: log in again (invalid_scope)"),
        _ => None,
    };
    let error = match message {
        Some(message) => error.with_message(message.to_owned()),
        None => error,
    };
    ExchangeRefusal { invalid_grant, failure: ExchangeFailure { error, certain, lasting, retry_after_ms } }
}
