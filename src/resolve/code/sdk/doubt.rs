//! Methods of an SDK's names on other things: those that may be Xero's all the same.

use super::methods::{Receiver, Sdk};
use crate::resolve::code::lex::Kind;
use crate::resolve::code::names::words;
use crate::resolve::code::values::is_self;
use crate::resolve::ids::is_verb;
use crate::resolve::scan::among;
use crate::resolve::target::names_xero;

/// Nouns that many other programs have methods for.
#[rustfmt::skip]
const COMMON: [&str; 39] = [
    "user", "users", "item", "items", "file", "files", "folder", "folders", "task", "tasks", "project", "projects", "employee", "employees", "account", "accounts",
    "connection", "connections", "settings", "asset", "assets", "inbox", "subscription", "payment", "payments", "contact", "contacts", "organisation", "organisations", "budget", "budgets", "quote", "quotes",
    "journal", "journals", "report", "reports", "usage", "time",
];

/// Owners of methods with such names that are not Xero's.
const OTHERS: &str = "localStorage sessionStorage storage prisma db supabase auth fs drive queue repo repository store cache redis \
    mongo firebase stripe github octokit jira slack quickbooks document window prismaClient tx trx session clerk \
    auth0 s3 dao mapper";

/// Returns whether the words of a method's name, but for the first, are common.
fn is_common(name: &str) -> bool {
    let is_word = |word: &String| COMMON.contains(&word.as_str()) || matches!(word.as_str(), "async" | "or");
    words(name).iter().skip(1).all(is_word)
}

impl Sdk<'_, '_, '_> {
    /// Returns whether a method of something else may be Xero's.
    pub(super) fn may_be(&mut self, name: &str, receiver: Receiver, open: usize, has_arguments: bool) -> bool {
        let code = self.code;
        let owner = match receiver {
            Receiver::Other(owner) => owner.map(|owner| code.name(owner)),
            _ => None,
        };
        if owner.is_some_and(|owner| among(owner.trim_start_matches('_'), OTHERS)) {
            return false;
        }
        // A function of the text's own.
        let is_own = matches!(receiver, Receiver::None) || owner.is_some_and(is_self);
        if is_own && code.functions.iter().any(|function| function.name == name) {
            return false;
        }
        if owner.is_some_and(names_xero) {
            return true;
        }
        // A method that is passed on has its arguments beside it.
        let arguments = if has_arguments { Some(open) } else { code.up(open) };
        let has_tenant = arguments.is_some_and(|open| {
            code.parts(open).iter().any(|(start, end)| {
                (*start..*end).any(|at| code.is_word(at) && words(code.name(at)).iter().any(|word| word == "tenant"))
            })
        });
        if !self.of_xero {
            return has_tenant;
        }
        if !is_common(name) {
            return true;
        }
        has_tenant || owner.is_some_and(|owner| self.has_evidence || self.is_client(owner))
    }

    /// Returns whether the text calls a method of an SDK on something by this name, and that method's name is no common word:
    /// `ledger.createInvoices(…)`.
    fn is_client(&mut self, owner: &str) -> bool {
        let (code, ids) = (self.code, &mut *self.ids);
        let clients = self.clients.get_or_insert_with(|| {
            let is_method = |at: &usize| code.is_word(*at) && is_verb(code.name(*at)) && !is_common(code.name(*at));
            let owners = (0..code.len()).filter(is_method).filter_map(|at| {
                let owner = code.owner(at).filter(|owner| code.is_word(*owner))?;
                (!ids.find(code.name(at)).is_empty()).then(|| code.name(owner))
            });
            owners.collect()
        });
        clients.contains(owner)
    }

    /// Returns whether a name is the argument of a call, and not only mentioned.
    pub(super) fn is_passed(&self, at: usize) -> bool {
        let code = self.code;
        let next = code.next(at);
        let in_call = code.up(at).is_some_and(|up| code.callee(up).is_some());
        in_call && (code.is(next, ",") || code.is(next, ")"))
    }

    /// Returns whether the method of nothing at a token is declared here and not called.
    pub(super) fn is_declared(&self, at: usize, open: usize) -> bool {
        let code = self.code;
        let Some(close) = code.mate(open) else { return true };
        if code.is_definition(open, close) {
            return true;
        }
        let before = at.checked_sub(1).map(|before| (code.kind(before), code.word(before)));
        let is_first = matches!(before, None | Some((Kind::Line, _) | (Kind::Open, "{") | (Kind::Mark, ";")));
        match before {
            Some((Kind::Word, word)) => !among(
                word,
                "await return yield and or not in else of then do case if puts print echo unless raise throw go defer",
            ),
            Some((Kind::Mark, ">") | (Kind::Close, "]")) => true,
            Some((Kind::Mark, "*")) => {
                code.up(at).is_some_and(|up| code.is(up, "{")) && !code.is(code.next(close), ";")
            }
            // `getInvoices(id: string): Promise<Invoice[]>;`
            _ if is_first => code.is(code.next(close), ":") || code.is(code.next(close), "{"),
            _ => false,
        }
    }
}
