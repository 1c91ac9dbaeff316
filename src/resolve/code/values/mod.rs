//! What names and expressions stand for: constants, their joins, and holes where a value is not known.
//!
//! | Module | Does |
//! |---|---|
//! | `value` | holds one text, and joins two |
//! | `shared` | holds what other texts of the project define |
//! | `define` | notes where names get their values |
//! | `leads` | finds names and expressions that cannot be a URL or path |
//! | `names` | finds what a name stands for where it is used |
//! | `expression` | reads operands and what joins them |
//! | `calls` | reads calls, methods and indices |
//! | `arguments` | finds what a function is given |
//! | `format` | fills formats |
//! | `lists` | finds the elements of lists |
//! | `functions` | knows functions by what they make of a text |

mod arguments;
mod calls;
mod define;
mod expression;
mod format;
mod functions;
mod leads;
mod lists;
mod names;
mod shared;
mod value;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

pub(super) use self::arguments::Parameter;
pub(super) use self::functions::{is_path_of_url, is_self};
pub(super) use self::shared::{Shared, shared_by};
pub(super) use self::value::{Value, ends_as_base};
use super::lex::Kind;
use super::tree::SourceCode;

/// So many texts may one expression stand for.
const MANY: usize = 40;

/// So deep are names and brackets followed.
const DEPTH: u8 = 18;

/// The place where a name gets its value.
struct Definition<'t> {
    /// The object it is a member of.
    owner: Option<&'t str>,
    at: usize,
    value: usize,
    how: How,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    Assigned,
    /// Added to what the name stands for already.
    Added,
    /// A member of an object.
    Member,
    /// What a function without parameters returns.
    Returned,
    /// Each element of a list in turn.
    Each,
    /// The path of the URL that the name stands for: another, or more of it.
    Path,
    Below,
}

/// The values of one text.
pub(super) struct Values<'c, 't> {
    pub(super) code: &'c SourceCode<'t>,
    names: BTreeMap<&'t str, Vec<Definition<'t>>>,
    /// What functions with parameters return, by their names.
    returns: BTreeMap<&'t str, Vec<(usize, Definition<'t>)>>,
    /// The members of an object, by its name: the tokens of their values.
    members: BTreeMap<&'t str, Vec<usize>>,
    /// The names that may stand for a URL or path.
    leading: BTreeSet<&'t str>,
    known: RefCell<BTreeMap<usize, Vec<Value>>>,
    /// The definitions that are being worked out.
    asked: RefCell<Vec<usize>>,
    shared: &'c Shared,
}

impl<'c, 't> Values<'c, 't> {
    pub(super) fn new(code: &'c SourceCode<'t>, shared: &'c Shared) -> Self {
        let mut values = Self {
            code,
            names: BTreeMap::new(),
            returns: BTreeMap::new(),
            members: BTreeMap::new(),
            leading: BTreeSet::new(),
            known: RefCell::new(BTreeMap::new()),
            asked: RefCell::new(Vec::new()),
            shared,
        };
        for at in 0..code.len() {
            values.define(at);
        }
        for (index, function) in code.functions.iter().enumerate() {
            if !function.name.is_empty() {
                values.returned(index);
            }
        }
        for definitions in values.names.values_mut() {
            definitions.sort_by_key(|definition| definition.at);
        }
        values.leading = values.find_leading();
        values
    }

    /// What the expression at `at` may stand for, and where it ends.
    pub(super) fn expression(&self, at: usize) -> (Vec<Value>, usize) {
        self.expr(at, DEPTH)
    }

    /// Returns whether a name may stand for a text of a kind, where it is used.
    pub(super) fn stands_for(&self, at: usize, is_kind: impl Fn(&str) -> bool) -> bool {
        let code = self.code;
        let owner = code.owner(at).filter(|owner| code.is_word(*owner)).map(|owner| code.name(owner));
        self.lookup(code.name(at), owner, at, DEPTH).iter().any(|value| is_kind(&value.text))
    }

    /// The values of the expression that begins with a literal, and where it ends. Where an operation on the literal
    /// gives something else, such as the answer to a comparison, it is the literal by itself.
    pub(super) fn of_literal(&self, at: usize) -> (Vec<Value>, usize) {
        let (values, end) = self.expression(at);
        let own = u32::try_from(at).unwrap_or(u32::MAX);
        if values.iter().any(|value| value.from.contains(&own)) {
            return (values, end);
        }
        match self.code.kind(at) {
            Kind::Template => (self.template(at, DEPTH), end),
            _ => (vec![Value::text(self.code.word(at), at)], end),
        }
    }

    /// Returns where an argument begins, behind its name.
    pub(super) fn argument(&self, (start, end): (usize, usize)) -> usize {
        let code = self.code;
        let mark = code.next(start);
        let is_name = code.is_word(start) || code.kind(start) == Kind::Text && !code.word(start).contains("://");
        if is_name
            && mark < end
            && code.kind(mark) == Kind::Mark
            && (matches!(code.word(mark), "=" | "=>") || code.is(mark, ":"))
        {
            let value = code.next(mark);
            return if value < end { value } else { start };
        }
        // `:name => value`
        if code.is(start, ":") && code.is(code.next(mark), "=>") {
            return code.next(code.next(mark));
        }
        start
    }

    /// The name that the text which defines it has for a name of this one.
    pub(super) fn original<'n>(&'n self, name: &'t str) -> &'n str {
        let imported = &self.code.imported;
        imported
            .module(name)
            .and_then(|module| self.shared.default_of(module))
            .or(imported.original_of(name))
            .unwrap_or(name)
    }

    /// Returns whether no other text defines anything.
    pub(super) fn knows_nothing(&self) -> bool {
        self.shared.is_empty()
    }

    /// Returns whether a name may stand for something that is known.
    pub(super) fn is_defined(&self, name: &str) -> bool {
        let name = name.trim_start_matches('$');
        self.names.contains_key(name) || self.shared.has_constant(name)
    }

    /// The values of the members of each object that has a name.
    pub(super) fn lists(&self) -> impl Iterator<Item = &Vec<usize>> {
        self.members.values()
    }

    /// Returns where the values begin that a name is assigned.
    pub(super) fn assigned(&self, name: &str) -> impl Iterator<Item = usize> + '_ {
        let all = self.names.get(name).map(Vec::as_slice).unwrap_or_default();
        all.iter().filter(|one| matches!(one.how, How::Assigned | How::Member)).map(|one| one.value)
    }

    /// Returns whether a member of this name is set on an object that has a name: `config.method = …`.
    pub(super) fn assigns_member(&self, name: &str) -> bool {
        let all = self.names.get(name).map(Vec::as_slice).unwrap_or_default();
        all.iter().any(|one| one.owner.is_some() && one.how == How::Assigned)
    }

    /// Returns where the values begin that a member of an object is set to.
    pub(super) fn set_on(&self, owner: &str, name: &str) -> impl Iterator<Item = usize> + '_ {
        let all = self.names.get(name).map(Vec::as_slice).unwrap_or_default();
        let owner = owner.to_owned();
        all.iter().filter(move |one| one.owner == Some(owner.as_str())).take(9).map(|one| one.value)
    }

    /// Returns where names are assigned: the name, its token, and where its value begins.
    pub(super) fn assignments(&self) -> impl Iterator<Item = (&'t str, usize, usize)> + '_ {
        self.names.iter().flat_map(|(name, all)| {
            let assigned = all.iter().filter(|one| matches!(one.how, How::Assigned | How::Member));
            assigned.map(|one| (*name, one.at, one.value))
        })
    }
}
