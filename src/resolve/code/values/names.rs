//! What names stand for where they are used.

use super::functions::{is_constructor, is_self};
use super::value::{Value, product, with_path};
use super::{Definition, How, MANY, Values};
use crate::resolve::scan::among;
use crate::resolve::target::names_xero;

impl Values<'_, '_> {
    /// Everything that the members of an object, or the elements of a list, stand for.
    pub(super) fn members_of(&self, owner: &str, depth: u8) -> Vec<Value> {
        if let Some(members) = self.members.get(owner) {
            return members.iter().take(MANY).flat_map(|value| self.expr(*value, depth).0).take(MANY).collect();
        }
        let list =
            self.names.get(owner).and_then(|all| all.last()).filter(|definition| self.code.is(definition.value, "["));
        list.map(|definition| self.defined(definition, owner, depth)).unwrap_or_default()
    }

    pub(super) fn lookup_function(&self, name: &str, depth: u8) -> Vec<Value> {
        let Some(definitions) = self.names.get(name) else { return Vec::new() };
        definitions
            .iter()
            .filter(|definition| definition.how == How::Returned)
            .take(MANY)
            .flat_map(|definition| self.defined(definition, name, depth))
            .collect()
    }

    /// What a name stands for at a token.
    pub(in crate::resolve::code) fn lookup(&self, name: &str, owner: Option<&str>, at: usize, depth: u8) -> Vec<Value> {
        let code = self.code;
        let name = name.trim_start_matches('$');
        if owner.is_none()
            && let Some(given) = self.of_parameter(name, at, depth)
        {
            return given;
        }
        if let Some(owner) = owner
            && let Some(text) = self.member_given(name, owner, at)
        {
            return vec![Value { text, is_xero: names_xero(name) || names_xero(owner), ..Value::default() }];
        }
        let (is_own, owner) = (owner.is_some_and(is_self), owner.filter(|owner| !is_self(owner)));
        let unknown = || match self.shared_constant(name, owner) {
            Some(values) => values,
            None => vec![Value { is_xero: names_xero(name) || owner.is_some_and(names_xero), ..Value::hole() }],
        };
        let Some(all) = self.names.get(name) else {
            let set = if is_own { self.shared.member(name) } else { None };
            return set.unwrap_or_else(unknown);
        };
        let fits = |definition: &&Definition<'_>| match (owner, definition.owner) {
            (Some(owner), Some(own)) => owner == own,
            (None, Some(_)) => false,
            // `Config.BASE`, where `BASE` is a constant of a class.
            (_, None) => true,
        };
        let before = all.partition_point(|definition| definition.at < at);
        let (earlier, later) = all.split_at_checked(before).unwrap_or((all, &[]));
        let own_function = code.function_of(at);
        let mut values: Vec<Value> = Vec::new();
        for definition in earlier.iter().rev().filter(fits).take(24) {
            let function = code.function_of(definition.at);
            let is_local = function.is_none()
                || function == own_function
                || self.is_in(at, function)
                || owner.is_some() && definition.how == How::Member
                || code.owner(definition.at).is_some();
            // `url = url + "?page=2"` uses the value before it.
            if !is_local || self.asked.borrow().contains(&definition.at) {
                continue;
            }
            let found = self.defined(definition, name, depth);
            let is_around = !self.is_condition(definition)
                && code.up(definition.at).is_none_or(|up| code.mate(up).is_some_and(|close| at < close))
                && (!code.lang.is_indented()
                    || code.indent_of(definition.at) <= code.indent_of(at)
                    || function != own_function);
            for value in found {
                if !values.contains(&value) {
                    values.push(value);
                }
            }
            if is_around || values.len() >= MANY {
                break;
            }
        }
        if values.is_empty() {
            let definition = later.iter().find(|definition| fits(definition)).or_else(|| {
                earlier.iter().rev().find(|definition| fits(definition) && definition.how == How::Returned)
            });
            if let Some(definition) = definition.filter(|definition| {
                let function = code.function_of(definition.at);
                definition.how == How::Returned || function.is_none() || function != own_function
            }) {
                values = self.of_children(name, definition, at, depth);
            }
        }
        // A member that the class declares and its children set.
        let is_declared =
            is_own && values.iter().all(|value| value.text.trim_matches('/').is_empty() || value.is_hole());
        if is_declared {
            let set = self.set_by_children(name, at, depth);
            if !set.is_empty() {
                return set;
            }
            if let Some(set) = self.shared.member(name) {
                return set;
            }
        }
        if values.is_empty() { unknown() } else { values }
    }

    /// What a definition gives, or what all other classes of the text set a member to which the class at a token leaves to them.
    fn of_children(&self, name: &str, first: &Definition<'_>, at: usize, depth: u8) -> Vec<Value> {
        let code = self.code;
        let Some(class) = code.class_of(at) else { return self.defined(first, name, depth) };
        let is_of_other = |definition: &Definition<'_>| {
            definition.at > at && code.class_of(definition.at).is_some_and(|other| other != class)
        };
        if !is_of_other(first) {
            return self.defined(first, name, depth);
        }
        let all = self.names.get(name).map(Vec::as_slice).unwrap_or_default().iter();
        let others = all.filter(|one| one.owner == first.owner && is_of_other(one)).take(MANY);
        others.flat_map(|one| self.defined(one, name, depth)).take(MANY).collect()
    }

    /// What a name stands for that is a parameter of the functions around a token.
    fn of_parameter(&self, name: &str, at: usize, depth: u8) -> Option<Vec<Value>> {
        let code = self.code;
        // Parameters of the functions around.
        let mut inner = code.function_of(at);
        for _ in 0..3 {
            let Some(index) = inner else { break };
            let Some(function) = code.functions.get(index) else { break };
            if let Some(place) = function.params.iter().position(|param| param.name == name && param.of.is_none()) {
                let assigned = self.names.get(name).is_some_and(|all| {
                    let first = all.partition_point(|one| one.at <= function.body.0);
                    let inside = all.get(first..).unwrap_or_default().iter().take_while(|one| one.at < at);
                    // `path = "/base/" + path` uses the parameter.
                    let is_before = |one: &&Definition<'_>| code.statement_end(one.value) <= at;
                    let mut inside = inside.into_iter().filter(is_before);
                    inside.any(|one| one.owner.is_none() && one.how == How::Assigned)
                });
                // `constructor(baseUrl = "https://…")`: nearly always it is not given.
                let default = function.params.get(place).and_then(|param| param.default);
                if let Some(default) = default.filter(|_| is_constructor(function.name) && !assigned) {
                    return Some(self.expr(default, depth).0);
                }
                let elements = if assigned || !function.name.is_empty() || place > 0 {
                    Vec::new()
                } else {
                    self.elements_given(function.body.0, depth)
                };
                if !elements.is_empty() {
                    return Some(elements);
                }
                if !assigned {
                    return Some(vec![Value {
                        text: format!("{{#{index}:{place}}}"),
                        is_xero: names_xero(name),
                        ..Value::default()
                    }]);
                }
                break;
            }
            inner = code
                .functions
                .get(index)
                .and_then(|function| function.body.0.checked_sub(1))
                .and_then(|before| code.function_of(before));
        }
        None
    }

    /// What other classes of the text set a member to that the class at a token declares: `path = None`, and below it
    /// `class Items(Resource): path = "Items"`.
    fn set_by_children(&self, name: &str, at: usize, depth: u8) -> Vec<Value> {
        let Some(class) = self.code.class_of(at) else { return Vec::new() };
        let all = self.names.get(name).map(Vec::as_slice).unwrap_or_default().iter();
        let is_of_other = |one: &&Definition<'_>| {
            one.owner.is_none() && self.code.class_of(one.at).is_some_and(|other| other != class)
        };
        let set = all.take(MANY).filter(is_of_other).flat_map(|one| self.defined(one, name, depth));
        set.filter(|value| !value.is_hole() && !value.text.trim_matches('/').is_empty()).take(MANY).collect()
    }

    /// The hole for the member of a parameter of the functions around: the `path` of `init.path`.
    fn member_given(&self, name: &str, owner: &str, at: usize) -> Option<String> {
        let code = self.code;
        let mut inner = code.function_of(at);
        for _ in 0..3 {
            let index = inner?;
            let function = code.functions.get(index)?;
            if let Some(place) = function.params.iter().position(|param| param.of == Some(owner) && param.name == name)
            {
                return Some(format!("{{#{index}:{place}}}"));
            }
            inner = function.body.0.checked_sub(1).and_then(|before| code.function_of(before));
        }
        None
    }

    /// What another text defines a name as, by the name that it has there.
    fn shared_constant(&self, name: &str, owner: Option<&str>) -> Option<Vec<Value>> {
        self.shared.constant(self.code.imported.original_of(name).unwrap_or(name), owner)
    }

    /// Returns whether a definition is a statement behind a condition: `if (draft) method = "PUT"`.
    fn is_condition(&self, definition: &Definition<'_>) -> bool {
        self.code.is(self.code.statement_start(definition.at), "if")
    }

    /// The elements that a function without a name is given one by one: `["Items", "Contacts"].map((r) => …)`.
    fn elements_given(&self, body: usize, depth: u8) -> Vec<Value> {
        let code = self.code;
        let each = || {
            let name = code.callee(code.up(body)?)?;
            let owner = code.owner(name)?;
            among(code.name(name), "map flatMap forEach each collect").then_some(owner)
        };
        let (Some(owner), Some(depth)) = (each(), depth.checked_sub(1)) else { return Vec::new() };
        let listed = if code.is_word(owner) { self.listed(owner, depth) } else { Vec::new() };
        let values = if !listed.is_empty() {
            listed
        } else if code.is(owner, "]") {
            code.mate(owner).map_or_else(Vec::new, |open| {
                code.parts(open).into_iter().take(MANY).flat_map(|(start, _)| self.element(start, depth)).collect()
            })
        } else if code.is_word(owner) {
            self.lookup(code.name(owner), None, owner, depth)
        } else {
            Vec::new()
        };
        if values.iter().any(|value| value.is_hole() || value.text.starts_with("{#")) { Vec::new() } else { values }
    }

    pub(super) fn is_in(&self, at: usize, function: Option<usize>) -> bool {
        function
            .and_then(|index| self.code.functions.get(index))
            .is_some_and(|function| function.body.0 <= at && at < function.body.1)
    }

    /// What a definition gives.
    pub(super) fn defined(&self, definition: &Definition<'_>, name: &str, depth: u8) -> Vec<Value> {
        let Some(depth) = depth.checked_sub(1) else { return vec![Value::named(name)] };
        if self.asked.borrow().contains(&definition.at) {
            return vec![Value::named(name)];
        }
        if let Some(known) = self.known.borrow().get(&definition.at) {
            return known.clone();
        }
        self.asked.borrow_mut().push(definition.at);
        let mut values = match definition.how {
            How::Each => {
                let listed = self.listed(definition.value, depth);
                if !listed.is_empty() {
                    self.asked.borrow_mut().pop();
                    self.known.borrow_mut().insert(definition.at, listed.clone());
                    return listed;
                }
                let (mut values, mut end) = self.expr(definition.value, depth);
                // `foreach ($r in 'Items', 'Contacts')`
                while self.code.is(end, ",") && values.len() < MANY {
                    let (more, behind) = self.expr(self.code.next(end), depth);
                    values.extend(more);
                    end = behind;
                }
                let owner = self.code.name(definition.value);
                let is_open = values.iter().all(Value::is_hole);
                let members = if is_open { self.members_of(owner, depth) } else { Vec::new() };
                // `["Items", "Quotes"].each do |name|`
                let members =
                    if is_open && members.is_empty() { self.elements(definition.value, depth) } else { members };
                if members.is_empty() { values } else { members }
            }
            _ => self.expr(definition.value, depth).0,
        };
        if matches!(definition.how, How::Added | How::Path | How::Below) {
            let before = self.lookup(name, None, definition.at, depth);
            values = match definition.how {
                How::Added => product(&before, &values, Value::then),
                _ if !before.iter().any(|url| url.text.contains("://")) => before,
                How::Path => product(&before, &values, with_path),
                _ => product(&before, &values, Value::below),
            };
        }
        for value in &mut values {
            value.is_xero |= names_xero(name);
        }
        self.asked.borrow_mut().pop();
        self.known.borrow_mut().insert(definition.at, values.clone());
        values
    }
}
