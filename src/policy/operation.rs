//! An operation with all of its facts in the catalogue.

use crate::catalogue::{
    Access, AppKind, Held, Mask, Needs, OPERATION_FACTS, OPERATIONS, Operation, OperationFacts, ScopeId,
};

/// One operation of the catalogue, as a kind of app calls it: a row of [`OPERATIONS`] and the row of [`OPERATION_FACTS`]
/// beside it. It is a custom connection's unless [`Entry::with`] made it another's.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    app: AppKind,
    row: u16,
    operation: &'static Operation,
    facts: &'static OperationFacts,
}

impl Entry {
    /// The operation of this row, as [`Route`](crate::request::Route) gives it; `None` for a row that the catalogue does
    /// not have.
    pub fn at(row: u16) -> Option<Self> {
        let place = usize::from(row);
        Some(Self { app: AppKind::Custom, row, operation: OPERATIONS.get(place)?, facts: OPERATION_FACTS.get(place)? })
    }

    /// The operation with this key, such as `accounting.getInvoices`.
    pub fn named(key: &str) -> Option<Self> {
        let (api, id) = key.split_once('.')?;
        let is_meant =
            |entry: &Self| entry.operation.id() == id && entry.operation.api.row().is_some_and(|row| row.name == api);
        Self::all().find(is_meant)
    }

    /// Every operation, in the order of the catalogue.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..=u16::MAX).map_while(Self::at)
    }

    /// The same operation, called by this kind of app.
    #[must_use]
    pub const fn with(self, app: AppKind) -> Self {
        Self { app, ..self }
    }

    /// The kind of app that calls it.
    pub const fn app(self) -> AppKind {
        self.app
    }

    /// Its row in [`OPERATIONS`].
    pub const fn row(self) -> u16 {
        self.row
    }

    /// The facts that a program needs.
    pub const fn operation(self) -> &'static Operation {
        self.operation
    }

    /// The facts that people need.
    pub const fn facts(self) -> &'static OperationFacts {
        self.facts
    }

    /// The granular scopes that any app of the kind can hold and that open it: any one of them is enough. Empty if
    /// there is none. Where the sources contradict each other, those that are better founded.
    pub(super) fn choices(self) -> Mask {
        if self.app == AppKind::Custom && self.facts.held != Held::Yes {
            return Mask::EMPTY;
        }
        self.granular().iter().filter(|&id| self.app.held(id) == Held::Yes).collect()
    }

    /// Returns true if every token of this kind of app can call it: the operations about connections, for the token of a
    /// user.
    pub(super) fn needs_no_scope(self) -> bool {
        self.app.has_user() && self.is_about_connections()
    }

    /// Returns true if it is an operation about connections: its row names no scope, because that depends on the kind of
    /// app.
    fn is_about_connections(self) -> bool {
        self.facts.held == Held::Disputed
    }

    /// The granular scopes that open it. While its sources contradict each other, these are the ones that Xero's
    /// specification names too, if it names any of them: the specification is about functions, and the other page lists
    /// resources.
    fn granular(self) -> Mask {
        if self.app == AppKind::App && self.is_about_connections() {
            return self.app.of_connections();
        }
        let granular = self.operation.needs().granular;
        let founded = granular.intersection(self.facts.spec_scopes);
        if self.facts.uncertain && !founded.is_empty() { founded } else { granular }
    }

    /// Every scope that opens it, as far as is known.
    pub(super) fn openers(self) -> Mask {
        let needs = self.operation.needs();
        let any = if self.needs_no_scope() { self.app.of_connections() } else { self.granular() };
        any.union(needs.broad).union(needs.unlisted)
    }

    /// Every scope that some source names for it: more than [`Self::openers`] only while its sources contradict each
    /// other.
    pub(super) fn candidates(self) -> Mask {
        if self.is_about_connections() { self.openers() } else { self.operation.needs().any() }
    }

    /// Returns true if its sources leave doubt about its scopes.
    pub(super) fn is_in_doubt(self) -> bool {
        self.facts.uncertain && (self.app == AppKind::Custom || !self.is_about_connections())
    }

    /// The scopes that open it and open the least: of granular, broad and unlisted ones each, since one kind is no
    /// substitute for another.
    pub(super) fn least_openers(self) -> Mask {
        let needs = self.operation.needs();
        [self.granular(), needs.broad, needs.unlisted].into_iter().map(narrowest).fold(Mask::EMPTY, Mask::union)
    }

    /// The operations that write on the same path.
    pub(super) fn writes_on_path(self) -> impl Iterator<Item = Self> {
        let alike = |(one, other): (&str, &str)| one == other || one.starts_with('{') && other.starts_with('{');
        let (own, api) = (self.operation.path(), self.operation.api);
        let of_kind = Self::all().map(move |entry| entry.with(self.app));
        of_kind.filter(move |entry| {
            let path = entry.operation.path();
            !entry.operation.is_read()
                && entry.operation.api == api
                && path.split('/').count() == own.split('/').count()
                && path.split('/').zip(own.split('/')).all(alike)
        })
    }

    /// `GET /api.xro/2.0/Invoices`.
    pub(super) fn call(self) -> String {
        let base = self.operation.api.row().map_or("", |api| api.base);
        [self.operation.method.as_str(), " ", base, self.operation.path()].concat()
    }
}

/// The scopes of `mask` without those whose place another one of `mask` takes that opens strictly less: of a scope and
/// its `.read`, the latter.
pub(super) fn narrowest(mask: Mask) -> Mask {
    if mask.len() < 2 {
        return mask;
    }
    mask.iter().filter(|&wide| !narrower(wide).intersects(mask)).collect()
}

/// The scopes that open strictly less than `wide`: nothing that `wide` does not open, and not all that it does.
pub(super) fn narrower(wide: ScopeId) -> Mask {
    let (mut some, mut every, mut other) = (Mask::EMPTY, Mask(u128::MAX), Mask::EMPTY);
    for openers in Needs::all().iter().map(|needs| needs.any()) {
        if openers.contains(wide) {
            some = some.union(openers);
            every = every.intersection(openers);
        } else {
            other = other.union(openers);
        }
    }
    some.difference(other).difference(every)
}

/// Returns true if the scope opens writes.
pub(super) fn writes(id: ScopeId) -> bool {
    id.row().is_some_and(|scope| scope.access == Access::Write)
}
