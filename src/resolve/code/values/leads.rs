//! Names and expressions that cannot lead to a URL or path, which nearly all cannot, are left out before values are computed.

use std::collections::BTreeSet;

use super::Values;
use crate::resolve::code::lex::Kind;
use crate::resolve::code::resources;
use crate::resolve::target::mentions_xero;

/// An expression is looked at so far, in tokens; a longer one may lead somewhere.
const FAR: usize = 48;

impl<'t> Values<'_, 't> {
    /// Returns whether the tokens from one to another may stand for a URL or path: one is a literal that may be a part of one, or a
    /// name that stands for one.
    pub(in crate::resolve::code) fn leads(&self, from: usize, to: usize) -> bool {
        to.saturating_sub(from) > FAR || (from..to).any(|at| self.leads_at(at))
    }

    /// Returns whether the expression that begins at a token may stand for a URL or path.
    pub(in crate::resolve::code) fn may_lead(&self, from: usize) -> bool {
        self.leads(from, self.end_of(from))
    }

    fn leads_at(&self, at: usize) -> bool {
        match self.code.kind(at) {
            Kind::Text | Kind::Url | Kind::Part => is_part_of_path(self.code.word(at)),
            Kind::Word => {
                let name = self.code.name(at);
                self.leading.contains(name) || self.shared.has(name)
            }
            _ => false,
        }
    }

    /// The names whose values may be a URL or path, or a part of one.
    pub(super) fn find_leading(&self) -> BTreeSet<&'t str> {
        let mut leading = BTreeSet::new();
        // The names that others stand for.
        let mut open: Vec<(&str, Vec<&str>)> = Vec::new();
        let returned =
            self.returns.iter().map(|(name, all)| (name, all.iter().map(|(_, one)| one).collect::<Vec<_>>()));
        let named = self.names.iter().map(|(name, all)| (name, all.iter().collect::<Vec<_>>()));
        for (name, definitions) in named.chain(returned) {
            let mut others = Vec::new();
            for definition in definitions {
                let end = self.end_of(definition.value);
                let is_list = self.code.is(definition.value, "%");
                if is_list
                    || end.saturating_sub(definition.value) > FAR
                    || (definition.value..end).any(|at| self.leads_at(at))
                {
                    leading.insert(*name);
                    break;
                }
                let words = (definition.value..end).filter(|at| self.code.is_word(*at)).map(|at| self.code.name(at));
                let is_own = |word: &&str| self.names.contains_key(word) || self.returns.contains_key(word);
                others.extend(words.filter(|word| word != name && is_own(word)));
            }
            if !leading.contains(name) && !others.is_empty() {
                open.push((*name, others));
            }
        }
        // As deep as names are followed.
        for _ in 0..super::DEPTH {
            let before = open.len();
            open.retain(|(name, others)| {
                let leads = others.iter().any(|other| leading.contains(other));
                if leads {
                    leading.insert(*name);
                }
                !leads
            });
            if open.len() == before {
                break;
            }
        }
        leading
    }

    /// Returns where an expression ends, or the limit if it is longer.
    fn end_of(&self, from: usize) -> usize {
        let code = self.code;
        let last = from.saturating_add(FAR).saturating_add(1);
        let is_end = |at: usize| match code.kind(at) {
            Kind::Line => !code.goes_on(at),
            Kind::Close | Kind::HoleEnd | Kind::TemplateEnd => code.mate(at).is_none_or(|open| open < from),
            Kind::Mark => code.is(at, ";"),
            Kind::End => true,
            _ => false,
        };
        (from..last).find(|at| *at > from && is_end(*at)).unwrap_or(last)
    }
}

/// Returns whether a literal may be a part of a URL or path of Xero's.
fn is_part_of_path(text: &str) -> bool {
    text.contains('/') || text.len() < 30 && resources::is_any(text) || mentions_xero(text)
}
