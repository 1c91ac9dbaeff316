//! The option `organisation`: it is compared with the organisation of each token before a call is sent with the token.
#![cfg(test)]

#[path = "support/options.rs"]
mod options;
#[path = "support/parser.rs"]
mod parser;

use options::options;
use parser::parse;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;
use xero_m2m::connection::{Connection, Options};
use xero_m2m::error::Code;
use xero_m2m::secret::Secret;
use xero_m2m::time::Timestamp;
use xero_m2m::token::answer::TokenAnswer;
use xero_m2m::token::{LifecycleConfig, Stored, TokenAction};

const NOW: Timestamp = Timestamp::from_ms(1_795_428_000_000);
const OWN: &str = "7f1a5c1e-1111-4222-8333-944455556666";
const OTHER: &str = "0a0b0c0d-1111-4222-8333-944455556666";

/// A token with this claim. It needs no signature, because it is read and never verified.
fn token(organisation: Option<&str>) -> String {
    use base64ct::{Base64UrlUnpadded, Encoding as _};
    let claim = organisation.map_or(String::new(), |id| format!(r#","xero_tenant_id":"{id}""#));
    format!("e30.{}.x", Base64UrlUnpadded::encode_string(format!(r#"{{"scope":["files"]{claim}}}"#).as_bytes()))
}

fn connection(organisation: &str) -> Connection {
    Connection::new(Options {
        organisation: Some(organisation.to_owned()),
        lifecycle: LifecycleConfig { stored: true, ..LifecycleConfig::default() },
        ..options()
    })
    .expect("an id")
}

/// The result of a token request whose answer is a token of this organisation.
fn asked(connection: &mut Connection, organisation: Option<&str>) -> (Vec<TokenAction>, Option<Code>) {
    connection.session.want(NOW.plus(1_000), NOW);
    connection.session.loaded(None, None, None, NOW);
    let sent = connection.session.want(NOW.plus(1_000), NOW);
    let [TokenAction::Send { attempt, .. }] = sent[..] else { panic!("{sent:?}") };
    let body = format!(r#"{{"access_token":"{}","token_type":"Bearer","expires_in":1800}}"#, token(organisation));
    let answer =
        TokenAnswer { status: 200, content_type: "application/json", retry_after: "", body: &body, cut: false };
    let answered = connection.session.answered(attempt, &answer, false, NOW, &parse);
    assert_eq!(answered.grant.is_some(), answered.refused.is_none());
    (answered.actions, answered.refused)
}

#[test]
fn a_token_of_another_organisation_is_never_used() {
    for (wanted, found, refused) in [
        (OWN, Some(OWN), None),
        ("7F1A5C1E11114222833394445555666A", Some("7f1a5c1e-1111-4222-8333-94445555666a"), None),
        // The token of a connection that is not authorised yet has no organisation.
        (OWN, None, None),
        (OWN, Some(OTHER), Some(Code::OrganisationChanged)),
        (OWN, Some("nonsense"), Some(Code::OrganisationChanged)),
    ] {
        let mut connection = connection(wanted);
        let (actions, code) = asked(&mut connection, found);
        assert_eq!(code, refused, "{wanted} {found:?}");
        assert_eq!(actions.iter().any(|action| matches!(action, TokenAction::Keep { .. })), refused.is_none());
        let told = connection.session.want(NOW.plus(1_000), NOW);
        match (&told[..], refused) {
            ([TokenAction::Use { .. }], None) => {}
            ([TokenAction::Fail { error }], Some(code)) => {
                assert_eq!((error.code(), error.rule()), (code, Some("R8")));
                assert!(error.message().contains(wanted) && !error.message().contains("nonsense"), "{error}");
            }
            _ => panic!("{told:?}"),
        }
    }
}

#[test]
fn a_stored_token_of_another_organisation_is_dropped() {
    let stored = Stored { obtained_at: NOW, expires_at: NOW.plus(1_800_000) };
    for (found, dropped) in [(Some(OWN), false), (None, false), (Some(OTHER), true)] {
        let mut connection = connection(OWN);
        connection.session.want(NOW.plus(1_000), NOW);
        let actions = connection.session.loaded_token(None, &Secret::new(token(found)), stored, None, NOW, &parse);
        assert_eq!(actions.contains(&TokenAction::Erase), dropped, "{found:?}: {actions:?}");
        assert_eq!(connection.session.ready(NOW).is_none(), dropped, "{found:?}");
    }
}

/// A stored token without an organisation is used, or has expired. If the next token then shows that the connection was switched
/// to another organisation, the organisation of the stored token is unknown.
#[test]
fn a_token_from_before_a_switch_is_dropped_with_the_store() {
    for (expires_ms, held) in [(60_000, true), (0, false)] {
        let mut connection = connection(OWN);
        connection.session.want(NOW.plus(1_000), NOW);
        let stored = Stored { obtained_at: NOW.minus(1_740_000), expires_at: NOW.plus(expires_ms) };
        connection.session.loaded_token(None, &Secret::new(token(None)), stored, None, NOW, &parse);
        assert_eq!(connection.session.ready(NOW).is_some() || held, held);
        let sent = connection.session.want(NOW.plus(1_000), NOW);
        let attempt = sent.iter().find_map(|action| match action {
            TokenAction::Send { attempt, .. } => Some(*attempt),
            _ => None,
        });
        let body = format!(r#"{{"access_token":"{}","token_type":"Bearer","expires_in":1800}}"#, token(Some(OTHER)));
        let answer =
            TokenAnswer { status: 200, content_type: "application/json", retry_after: "", body: &body, cut: false };
        let answered = connection.session.answered(attempt.expect("an attempt"), &answer, false, NOW, &parse);
        assert_eq!((answered.actions, answered.refused), (vec![TokenAction::Erase], Some(Code::OrganisationChanged)));
        let told = connection.session.want(NOW.plus(1_000), NOW);
        assert!(matches!(told[..], [TokenAction::Fail { .. }]), "{told:?}");
    }
}

#[test]
fn an_organisation_is_named_by_its_id() {
    for id in ["", "Acme Ltd", "7f1a5c1e-1111-4222-8333-94445555666", "7f1a5c1e-1111-4222-8333-94445555666g"] {
        let error = Connection::new(Options { organisation: Some(id.to_owned()), ..options() }).expect_err(id);
        assert_eq!(error.code(), Code::InvalidOption);
        assert!(error.message().contains("OrganisationID") && error.message().contains(id), "{error}");
    }
}
