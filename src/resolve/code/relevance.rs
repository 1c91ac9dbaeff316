//! Texts that do not name Xero: the few things in them that may be Xero's all the same, an operation by its id among them
//! where other texts of the project name Xero. Without any, nothing else is looked
//! for, which is most of what a large project has.

use super::super::ids::is_verb;
use super::super::ledger::Ledger;
use super::lex::{Kind, Lexeme};
use super::resources::{self, first_segment, is_common, is_exact};
use super::sdk::Sdk;

/// Returns whether code that does not name Xero may call it: it has a name of an API, a tenant, a connection, or a path that begins
/// with a resource that only Xero has.
pub(super) fn may_be_xeros(ledger: &mut Ledger<'_>, tokens: &[Lexeme]) -> bool {
    let text = ledger.text;
    let word = |token: &Lexeme| text.get(token.start as usize..token.end as usize).unwrap_or_default();
    tokens.iter().enumerate().any(|(at, token)| match token.kind {
        Kind::Word => {
            let name = word(token).trim_start_matches(['$', '_']);
            let member = || tokens.get(at.saturating_add(2)).map(word).unwrap_or_default();
            is_tenant(name)
                || name == "connection" && resources::of_name(member()).is_some()
                || Sdk::exactly(name).is_some()
                || ledger.of_xero && is_verb(name) && !ledger.ids.find(name).is_empty()
        }
        Kind::Text | Kind::Part => has_resource(word(token), ledger.of_xero),
        _ => false,
    })
}

/// Returns whether a name is that of a tenant, which every call of an SDK is given.
fn is_tenant(name: &str) -> bool {
    matches!(name.len(), 6 | 8 | 9)
        && ["tenant", "tenantid", "tenant_id"].into_iter().any(|own| own.eq_ignore_ascii_case(name))
}

/// Returns whether a segment of a path in a text is a resource that only Xero has; where the texts name Xero, one that others may
/// have as well.
fn has_resource(text: &str, of_xero: bool) -> bool {
    text.match_indices('/').any(|(at, _)| {
        let path = text.get(at..).unwrap_or_default();
        is_exact(path) && (of_xero || !is_common(first_segment(path)))
    })
}
